/*
 * Opens archives (archive_format.h): recordings become directories again, symbols are taken into
 * memory. What comes from another machine is not believed: see tar_reader.h.
 */
#ifndef PROFINJECT_LOAD_ARCHIVE_READER_H
#define PROFINJECT_LOAD_ARCHIVE_READER_H

#include "analyzer/symbols/symbol_archive.h"
#include "analyzer/util/problem.h"

/*
 * Unpacks `path` below the empty directory `root`, recordings as root/1, root/2 and so on, how
 * many in `*recordings`; its symbols come into `symbols`, marked as those of archive `number`.
 * 0, PROBLEM_DATA when it is no archive, damaged, or larger than it may be, PROBLEM_SYSTEM when
 * it cannot be read or written; then part of it may be there.
 */
int archive_reader_unpack(const char *path, const char *root, unsigned number,
                          struct symbol_archive *symbols, unsigned *recordings,
                          struct problem *problem);

#endif
