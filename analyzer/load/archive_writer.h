/*
 * Writes archives (archive_format.h).
 */
#ifndef PROFINJECT_LOAD_ARCHIVE_WRITER_H
#define PROFINJECT_LOAD_ARCHIVE_WRITER_H

#include "analyzer/symbols/symbol_archive.h"
#include "analyzer/util/problem.h"

#include <stdio.h>

/*
 * Writes the directories root/1 .. root/`recordings`, with every regular file in them, and
 * `symbols`. 0, or a problem of reading, or of a file that no archive can hold; a stream that
 * failed is left to the caller (ferror).
 */
int archive_writer_pack(const char *root, unsigned recordings, const struct symbol_archive *symbols,
                        FILE *out, struct problem *problem);

#endif
