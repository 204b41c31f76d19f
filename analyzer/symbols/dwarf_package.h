/*
 * A package of split units (.dwp): which parts of its sections were the .dwo file of one
 * unit, by the unit's identifier. Both versions of its index: the GNU extension's and
 * DWARF 5's (7.3.5).
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_PACKAGE_H
#define PROFINJECT_SYMBOLS_DWARF_PACKAGE_H

#include "analyzer/symbols/dwarf_object.h"

/* As many as there are kinds of sections that matter to names. */
#define DWARF_PACKAGE_SLICES_MAX 8

/*
 * Writes what belonged to the file of the unit `id` and returns how many parts these are; 0
 * when the package has no such unit or is damaged.
 */
size_t dwarf_package_find(struct dwarf_object *package, uint64_t id,
                          struct dwarf_slice slices[DWARF_PACKAGE_SLICES_MAX]);

#endif
