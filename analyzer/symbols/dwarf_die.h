/*
 * Debugging information entries with less ceremony: libdwarf's accessors, whose
 * every call can fail three ways, as "there, or not there". Damage counts as not
 * there. Own file so that no other has to release attributes and errors.
 *
 * Not thread-safe: libdwarf is single-threaded by contract.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_DIE_H
#define PROFINJECT_SYMBOLS_DWARF_DIE_H

#include "analyzer/symbols/dwarf_object.h"
#include "analyzer/symbols/dwarf_shim.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In an entry's offset: it is one of the supplementary file's (dwz; dwarf_object.h). */
#define DWARF_IN_SUPPLEMENT ((Dwarf_Off)1 << 63)

/* One compile unit being read. */
struct dwarf_unit {
    struct dwarf_object *object; /* that its entries are in */
    struct dwarf_object *linked; /* the linked file: `object` unless this is a split unit */
    Dwarf_Debug debug;           /* of `object` */
    Dwarf_Die die;               /* of the unit itself, owned */
    Dwarf_Half version;          /* of its header: 2..5 */
    Dwarf_Half offset_size;      /* 4 or 8 */
    uint64_t base;               /* default base address of its range lists */
    uint64_t address_base;       /* of its indexed addresses in .debug_addr */
    uint64_t list_base;          /* of its indexed range lists; in split units of DWARF 4 of all */
    uint64_t code_start;         /* ranges that begin below were discarded by the linker */
};

struct address_range {
    uint64_t low, high; /* [low, high) */
};

/* Growing array, reused from entry to entry. */
struct range_list {
    struct address_range *ranges;
    size_t count, capacity;
};

/*
 * Opens the unit of `die`, its own entry, which it takes over. 0, or -1 when it is
 * damaged (or `die` NULL); release it in either case.
 */
int dwarf_unit_init(struct dwarf_unit *unit, struct dwarf_object *object, Dwarf_Die die,
                    uint64_t code_start);

/* As dwarf_unit_init() for the unit in `object`, a .dwo file, that `skeleton` stands for. */
int dwarf_unit_init_split(struct dwarf_unit *unit, struct dwarf_object *object, Dwarf_Die die,
                          const struct dwarf_unit *skeleton);
void dwarf_unit_release(struct dwarf_unit *unit);

/* NULL when there is none; free with dwarf_dealloc_die(). */
Dwarf_Die dwarf_die_at(Dwarf_Debug debug, Dwarf_Off offset);
Dwarf_Die dwarf_die_child(Dwarf_Debug debug, Dwarf_Die die);

/* Frees `die` and returns its next sibling, NULL after the last. */
Dwarf_Die dwarf_die_next(Dwarf_Debug debug, Dwarf_Die die);

Dwarf_Half dwarf_die_tag(Dwarf_Debug debug, Dwarf_Die die); /* 0 when damaged */
Dwarf_Off dwarf_die_offset(Dwarf_Debug debug, Dwarf_Die die);

/* Attribute as a number; `otherwise` when it is absent or not a number. */
uint64_t dwarf_die_number(Dwarf_Debug debug, Dwarf_Die die, Dwarf_Half attribute,
                          uint64_t otherwise);

/* NULL when absent or kept in a file we do not have. Owned by `object`, which `die` is in, or by
 * its supplement. */
const char *dwarf_die_text_of(struct dwarf_object *object, Dwarf_Die die, Dwarf_Half attribute);

/*
 * Offset of the entry an attribute refers to, with DWARF_IN_SUPPLEMENT when it is in the
 * supplement of `object`, which `die` is in. 0 when absent: no entry is there.
 */
Dwarf_Off dwarf_die_reference(struct dwarf_object *object, Dwarf_Die die, Dwarf_Half attribute);

/*
 * Replaces `list` by the code of `die`: DW_AT_low_pc and DW_AT_high_pc, or
 * DW_AT_ranges. Discarded and empty ranges are left out.
 */
void dwarf_die_ranges(const struct dwarf_unit *unit, Dwarf_Die die, struct range_list *list);

#endif
