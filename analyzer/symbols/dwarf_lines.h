/*
 * The line table of one compile unit: lines for its addresses, paths for its file
 * numbers.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_LINES_H
#define PROFINJECT_SYMBOLS_DWARF_LINES_H

#include "analyzer/symbols/dwarf_functions.h"
#include "analyzer/symbols/dwarf_object.h"
#include "analyzer/util/strings.h"

struct dwarf_lines;

/* NULL when the unit has no (sound) table. `object`, the file of `unit`, and both
 * others must outlive it. */
struct dwarf_lines *dwarf_lines_new(struct dwarf_object *object, const struct dwarf_unit *unit,
                                    struct strings *strings);
void dwarf_lines_free(struct dwarf_lines *lines); /* NULL is allowed */

/* Fills file, line and has_line of the sorted `addresses`. */
void dwarf_lines_find(struct dwarf_lines *lines, struct unit_address *addresses, size_t count);

/* Path of a file number, interned; NULL when there is no such file. */
const char *dwarf_lines_file(struct dwarf_lines *lines, uint64_t number);

#endif
