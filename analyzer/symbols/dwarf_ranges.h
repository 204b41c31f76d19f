/*
 * Range lists of DWARF: .debug_ranges (up to DWARF 4) and .debug_rnglists, whole and
 * split, and indexed addresses. Not libdwarf's readers: those allocate an entry at a
 * time, and want the files of split units tied together.
 *
 * Not thread-safe; see dwarf_die.h for units.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_RANGES_H
#define PROFINJECT_SYMBOLS_DWARF_RANGES_H

#include "analyzer/symbols/dwarf_die.h"

/* Adds [low, high) to `list`, if it is not empty and not discarded by the linker. */
void dwarf_ranges_add(const struct dwarf_unit *unit, struct range_list *list, uint64_t low,
                      uint64_t high);

/* Adds the list at `value`, an offset or, if `by_index`, an index, to `list`. */
void dwarf_ranges_read(const struct dwarf_unit *unit, uint64_t value, bool by_index,
                       struct range_list *list);

/* Entry `index` of the unit's part of .debug_addr. False when there is none. */
bool dwarf_ranges_address(const struct dwarf_unit *unit, uint64_t index, uint64_t *address);

#endif
