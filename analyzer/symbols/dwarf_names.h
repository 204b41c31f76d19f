/*
 * Names of functions by their entries: follows abstract origins and
 * specifications, also into other units, and remembers what it found, because
 * one function is inlined in many places.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_NAMES_H
#define PROFINJECT_SYMBOLS_DWARF_NAMES_H

#include "analyzer/symbols/dwarf_die.h"
#include "analyzer/util/strings.h"

struct dwarf_names;

struct function_name {
    const char *name;   /* demangled, interned; NULL unknown */
    uint32_t decl_line; /* 0 unknown */
    bool is_bare;       /* scopes were left out of the DWARF (bare_names.h) */
};

/* For the entries of `object` and of its supplement. It and `strings` must outlive it; names
 * are interned there. */
struct dwarf_names *dwarf_names_new(struct dwarf_object *object, struct strings *strings);
void dwarf_names_free(struct dwarf_names *names); /* NULL is allowed */

/* `entry` is an offset, as dwarf_die_reference() gives them. */
struct function_name dwarf_names_find(struct dwarf_names *names, Dwarf_Off entry);

#endif
