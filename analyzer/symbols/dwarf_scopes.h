/*
 * The entries around an entry, outermost first. DWARF entries do not know their
 * parents, so these are found from the top; the children of every scope that was
 * entered are remembered for one unit, because questions come in batches per unit
 * and a namespace of C++ has thousands.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_SCOPES_H
#define PROFINJECT_SYMBOLS_DWARF_SCOPES_H

#include "analyzer/symbols/dwarf_entries.h"

/* Deeper nesting is not followed. */
#define DWARF_SCOPES_MAX 32

struct dwarf_scopes {
    struct dwarf_object *object;  /* NULL in one that was not initialised */
    Dwarf_Debug debug;            /* of it */
    Dwarf_Off unit;               /* whose scopes are known; 0: none */
    struct dwarf_entries entries; /* of the unit */
    bool has_namespaces;          /* the unit's language qualifies names */
    struct key_table *by_parent;  /* entry's offset to the index of its children */
    struct scope_children *children;
    size_t count, capacity;
};

void dwarf_scopes_init(struct dwarf_scopes *scopes, struct dwarf_object *object);
void dwarf_scopes_release(struct dwarf_scopes *scopes); /* all zeros are allowed */

/*
 * Writes the offsets of the entries around the one at `entry`, without the unit
 * and itself, and returns how many. 0 as well for languages without scopes in names.
 */
size_t dwarf_scopes_around(struct dwarf_scopes *scopes, Dwarf_Off entry,
                           Dwarf_Off around[DWARF_SCOPES_MAX]);

/* Whether the last entry asked about is of a unit whose language qualifies names, but which has
 * no entries of scopes (-g1). */
bool dwarf_scopes_are_left_out(struct dwarf_scopes *scopes);

#endif
