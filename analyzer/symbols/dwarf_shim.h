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

/* Line tables of DWARF 5 start with the wrong file (line_program.h). */
#if defined(DW_LIBDWARF_VERSION_MAJOR) && \
    (DW_LIBDWARF_VERSION_MAJOR > 0 || DW_LIBDWARF_VERSION_MINOR >= 5)
#define DWARF_SHIM_FILE_REGISTER_WRONG 0
#else
#define DWARF_SHIM_FILE_REGISTER_WRONG 1
#endif

/*
 * DW_DLV_*. Reads through `fd`, which stays the caller's and open. libdwarf's own
 * list of everything to free is switched off: without it unit headers are read
 * five times as fast, and whoever gets something frees it.
 */
static inline int dwarf_shim_open(int fd, Dwarf_Debug *debug, Dwarf_Error *error)
{
    (void)dwarf_set_de_alloc_flag(0);
#ifdef DW_LIBDWARF_VERSION_MAJOR
    return dwarf_init_b(fd, DW_GROUPNUMBER_ANY, NULL, NULL, debug, error);
#else
    return dwarf_init_b(fd, DW_DLC_READ, DW_GROUPNUMBER_ANY, NULL, NULL, debug, error);
#endif
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
