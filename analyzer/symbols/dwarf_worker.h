/*
 * dwarf_symbols.h in processes of its own (dwarf_crew.h). libdwarf 20210528 frees twice
 * and reads beyond its buffers on damaged input: here that costs a process and the
 * symbols it was just asked for, never the run.
 *
 * Forks; not to be used while other threads run.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_WORKER_H
#define PROFINJECT_SYMBOLS_DWARF_WORKER_H

#include "analyzer/symbols/dwarf_crew.h"

/* What the commands allow. */
extern const struct dwarf_limits dwarf_worker_limits;

/*
 * As dwarf_symbols.h on the DWARF of `files`, for `queries` that are sorted by address.
 * When a process dies or exceeds `limits` over some unit, what
 * it was at work on is tried again by halves, so that this unit does not take others with
 * it; the number of tries is bounded. PROBLEM_DATA when addresses stayed without an answer
 * for such a reason, how many in *lost; PROBLEM_SYSTEM when no process could be started.
 */
int dwarf_worker_resolve(const struct dwarf_files *files, bool inlines, struct strings *strings,
                         const struct dwarf_limits *limits, struct symbol_query *queries,
                         size_t count, size_t *lost);

#endif
