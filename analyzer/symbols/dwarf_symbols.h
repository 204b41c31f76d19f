/*
 * Answers of one file's DWARF for a batch of addresses: finds the units they hit,
 * reads each of those once, and makes frames.
 *
 * Not thread-safe. On damaged input libdwarf may crash: dwarf_worker.h keeps that
 * from the analyzer.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_SYMBOLS_H
#define PROFINJECT_SYMBOLS_DWARF_SYMBOLS_H

#include "analyzer/symbols/dwarf_files.h"
#include "analyzer/symbols/dwarf_shim.h"
#include "analyzer/symbols/symbolizer.h"
#include "analyzer/util/strings.h"

struct dwarf_symbols;

/* Opens the DWARF of `files` and indexes its units. NULL when it cannot be read at
 * all. Both arguments must outlive it; strings are interned in `strings`. It is never
 * freed: it, and whatever it is made of, goes with the process that dwarf_worker.c
 * starts for it. */
struct dwarf_symbols *dwarf_symbols_new(const struct dwarf_files *files, struct strings *strings);

/* An address that was asked for, and the unit that holds it. */
struct symbol_hit {
    Dwarf_Off unit; /* 0: none */
    size_t number;  /* among what was asked */
    struct symbol_query *query;
};

/* Fills one hit for each of `queries`, ordered by unit and address. */
void dwarf_symbols_find_units(struct dwarf_symbols *symbols, struct symbol_query *const *queries,
                              size_t count, struct symbol_hit *hits);

/* To be called before others are forked that resolve: what all of them read is made ready. */
void dwarf_symbols_share(struct dwarf_symbols *symbols);

/*
 * Their queries have no frames yet. Those that DWARF knows get them (malloc'd, the
 * caller's). A frame's function is NULL when only the line was known. Without `inlines`
 * the real function alone, at the line of its own. Units are read in the order of `hits`.
 */
void dwarf_symbols_resolve(struct dwarf_symbols *symbols, bool inlines,
                           const struct symbol_hit *hits, size_t count);

#endif
