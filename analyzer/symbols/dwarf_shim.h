/*
 * The few places where Debian 12's libdwarf (20210528, no version macro) and
 * releases since 0.1 differ, so that the rest is written once. Header only.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_SHIM_H
#define PROFINJECT_SYMBOLS_DWARF_SHIM_H

#include <stddef.h>

#if __has_include(<libdwarf/libdwarf.h>)
#include <libdwarf/dwarf.h>
#include <libdwarf/libdwarf.h>
#else
#include <dwarf.h>
#include <libdwarf.h>
#endif

/* Assigned after 20210528 was released. */
#ifndef DW_LANG_C_plus_plus_17
#define DW_LANG_C_plus_plus_17 0x002b
#define DW_LANG_C_plus_plus_20 0x002c
#endif

#ifdef DW_LIBDWARF_VERSION_MAJOR
typedef Dwarf_Obj_Access_Interface_a Dwarf_Obj_Access_Interface;
typedef Dwarf_Obj_Access_Methods_a Dwarf_Obj_Access_Methods;
typedef Dwarf_Obj_Access_Section_a Dwarf_Obj_Access_Section;
#endif

/*
 * DW_DLV_*. libdwarf's own list of everything to free is switched off: without it unit
 * headers are read five times as fast, and whoever gets something frees it.
 */
static inline int dwarf_shim_open(Dwarf_Obj_Access_Interface *object, Dwarf_Debug *debug,
                                  Dwarf_Error *error)
{
    (void)dwarf_set_de_alloc_flag(0);
    return dwarf_object_init_b(object, NULL, NULL, DW_GROUPNUMBER_ANY, debug, error);
}

static inline void dwarf_shim_free_ranges(Dwarf_Debug debug, Dwarf_Ranges *ranges,
                                          Dwarf_Signed count)
{
#ifdef DW_LIBDWARF_VERSION_MAJOR
    dwarf_dealloc_ranges(debug, ranges, count);
#else
    dwarf_ranges_dealloc(debug, ranges, count);
#endif
}

#endif
