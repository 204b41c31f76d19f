/*
 * Which compile unit holds an address: a sorted array of the code ranges of all
 * units, read once per file from the units' own entries. (dwarf_get_arange()
 * is a linear scan over a section that clang does not even write.)
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_INDEX_H
#define PROFINJECT_SYMBOLS_DWARF_INDEX_H

#include "analyzer/symbols/dwarf_die.h"

struct unit_range {
    uint64_t low, high;
    uint64_t reach; /* highest `high` of this and all earlier ranges */
    Dwarf_Off unit; /* offset of the unit's own entry */
};

struct dwarf_index {
    struct unit_range *ranges;
    size_t count, capacity;
};

/* Damage ends the reading: what came before is kept. Never released, see
 * dwarf_symbols_new(). */
void dwarf_index_init(struct dwarf_index *index, struct dwarf_object *object, uint64_t code_start);

/* True, and the unit's offset, when a unit claims `address`. */
bool dwarf_index_find(const struct dwarf_index *index, uint64_t address, Dwarf_Off *unit);

#endif
