/*
 * Which function, and which functions inlined into it, surround the addresses
 * that hit one compile unit: all of them in one pass over the unit's entries.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_FUNCTIONS_H
#define PROFINJECT_SYMBOLS_DWARF_FUNCTIONS_H

#include "analyzer/symbols/dwarf_die.h"

/* A function around an address. */
struct function_scope {
    Dwarf_Off entry;    /* where its name is found */
    uint64_t call_file; /* for an inlined one: where it was called, */
    uint32_t call_line; /* as a number of the unit's file table */
};

/* One address being answered; scopes outermost first, the first is real. */
struct unit_address {
    uint64_t address;
    struct function_scope *scopes;
    size_t scope_count, scope_capacity;
    uint64_t file; /* from the line table (dwarf_lines.h) */
    uint32_t line;
    bool has_line;
};

/* Fills the scopes of `addresses`, which are sorted and have none yet. */
void dwarf_functions_find(const struct dwarf_unit *unit, struct unit_address *addresses,
                          size_t count);

/* Index of the first of the sorted `addresses` that is >= `address`. */
size_t unit_addresses_from(const struct unit_address *addresses, size_t count, uint64_t address);

#endif
