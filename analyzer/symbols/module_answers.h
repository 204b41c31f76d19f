/*
 * What the files of a module say about addresses in it: DWARF first, the symbol tables for what
 * is left, the unwind information for what has no name at all.
 *
 * Not thread-safe, and forks (dwarf_worker.h).
 */
#ifndef PROFINJECT_SYMBOLS_MODULE_ANSWERS_H
#define PROFINJECT_SYMBOLS_MODULE_ANSWERS_H

#include "analyzer/symbols/module_files.h"
#include "analyzer/symbols/symbolizer.h"
#include "analyzer/util/strings.h"

/*
 * Answers `count` queries, sorted by address and without frames yet, from the open `files`, read by
 * processes within `limits`.
 * Frames are the caller's, strings interned in `strings`. 0, or what there is to be said
 * (module_files_judge()).
 */
int module_answers_find(struct module_files *files, struct strings *strings,
                        const struct dwarf_limits *limits, struct symbol_query *queries,
                        size_t count, struct problem *problem);

#endif
