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
};

/* `strings` must outlive it; names are interned there. Never freed, see
 * dwarf_symbols_new(). */
struct dwarf_names *dwarf_names_new(Dwarf_Debug debug, struct strings *strings);

struct function_name dwarf_names_find(struct dwarf_names *names, Dwarf_Off entry);

#endif
