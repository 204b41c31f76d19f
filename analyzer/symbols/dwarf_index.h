/*
 * Which compile unit holds an address: a sorted array of the code ranges of all
 * units, read once per file from the units' own entries. (dwarf_get_arange()
 * is a linear scan over a section that clang does not even write.) Where units overlap,
 * which damaged files alone do at length, the innermost has the address.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_INDEX_H
#define PROFINJECT_SYMBOLS_DWARF_INDEX_H

#include "analyzer/symbols/dwarf_die.h"

struct unit_range {
    uint64_t low, high;
    Dwarf_Off unit; /* offset of the unit's own entry */
};

struct dwarf_index {
    struct unit_range *ranges; /* apart from each other, ascending */
    size_t count, capacity;
    Dwarf_Unsigned begin, end; /* of libdwarf's current unit */
};

/* Damage ends the reading: what came before is kept. Never released, see
 * dwarf_symbols_new(). */
void dwarf_index_init(struct dwarf_index *index, struct dwarf_object *object, uint64_t code_start);

/* Makes of ranges in any order, that may overlap, such as dwarf_index_find() needs: who begins last
 * has what several have, of those the one that ends first. In n log n steps. */
void dwarf_index_take_apart(struct dwarf_index *index);

/* True, and the unit's offset, when a unit claims `address`. */
bool dwarf_index_find(const struct dwarf_index *index, uint64_t address, Dwarf_Off *unit);

/*
 * Makes the unit of this entry libdwarf's current one. It looks there first for whatever
 * it is given an offset of, then through a list of all units: in a kernel that was 40 %
 * of the time. Units are best entered in ascending order.
 */
void dwarf_index_enter(struct dwarf_index *index, Dwarf_Debug debug, Dwarf_Off unit);

#endif
