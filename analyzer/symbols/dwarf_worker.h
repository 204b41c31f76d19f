/*
 * dwarf_symbols.h in a process of its own. libdwarf 20210528 frees twice and reads
 * beyond its buffers on damaged input: here that costs a child process and the
 * symbols it was asked for, never the run.
 *
 * Forks; not to be used while other threads run.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_WORKER_H
#define PROFINJECT_SYMBOLS_DWARF_WORKER_H

#include "analyzer/symbols/dwarf_files.h"
#include "analyzer/symbols/symbolizer.h"
#include "analyzer/util/strings.h"

/*
 * As dwarf_symbols_resolve() on the DWARF of `files`. When the child dies over some
 * unit its addresses are tried again by halves, so that this one does not take the
 * others with it. PROBLEM_DATA when addresses stayed without an answer for such a
 * reason, PROBLEM_SYSTEM when no process could be started.
 */
int dwarf_worker_resolve(const struct dwarf_files *files, bool inlines, struct strings *strings,
                         struct symbol_query *queries, size_t count);

#endif
