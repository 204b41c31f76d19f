/*
 * The entries of one unit by offset and tag alone: children and siblings, and whether
 * there is code in one. Own reader because libdwarf, asked for a sibling, makes an object
 * of it and decodes every attribute of what lies between: clang and rustc write no
 * DW_AT_sibling, so that nearly all of a unit is passed over, several times, on the way
 * to its functions. Attributes are libdwarf's.
 *
 * Reads what may be damaged, never beyond it; a step always goes forward.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_ENTRIES_H
#define PROFINJECT_SYMBOLS_DWARF_ENTRIES_H

#include "analyzer/symbols/byte_cursor.h"
#include "analyzer/symbols/dwarf_die.h"

/* One abbreviation: what entries of a code look like. */
struct entry_shape {
    uint64_t code;
    uint32_t tag;
    bool has_children;
    bool has_code;         /* DW_AT_low_pc or DW_AT_ranges */
    bool has_sibling;      /* DW_AT_sibling */
    int32_t size;          /* of all attributes; -1: they must be read */
    uint32_t first, count; /* of its attributes */
};

struct entry_attribute {
    uint32_t name, form;
};

struct dwarf_entries {
    struct byte_cursor unit; /* from its header to its end */
    const uint8_t *section;  /* where offsets count from */
    unsigned version, offset_size, address_size;
    struct entry_shape *shapes; /* by code */
    struct entry_attribute *attributes;
    size_t shape_count, shape_capacity, attribute_count, attribute_capacity;
};

struct dwarf_entry {
    Dwarf_Off offset;
    uint32_t tag;
    bool has_children, has_code;
    uint64_t after; /* its attributes: where its children are */
    const struct entry_shape *shape;
};

/* An entry's code as its two attributes say it. */
struct entry_code {
    uint64_t low, high;
    bool low_is_index;   /* of an address in .debug_addr */
    bool high_is_length; /* otherwise an address */
};

/* Of the unit whose header is at `offset` of .debug_info. False when it is damaged; release it in
 * either case. */
bool dwarf_entries_init(struct dwarf_entries *entries, const uint8_t *info, size_t info_size,
                        const uint8_t *abbreviations, size_t abbreviations_size, uint64_t offset);

/* The same for the unit that `die` of `object` is in. */
bool dwarf_entries_open(struct dwarf_entries *entries, struct dwarf_object *object, Dwarf_Die die);
void dwarf_entries_release(struct dwarf_entries *entries);

/* True when there can be an entry of this unit at `offset`; of one that is not open there is none. */
bool dwarf_entries_hold(const struct dwarf_entries *entries, Dwarf_Off offset);

/* The first child of the entry at `parent`. False when there is none. */
bool dwarf_entries_child(const struct dwarf_entries *entries, Dwarf_Off parent,
                         struct dwarf_entry *child);

/* Goes on to the next sibling. False after the last. */
bool dwarf_entries_next(const struct dwarf_entries *entries, struct dwarf_entry *entry);

/* False when it is not as simple as that (ranges, forms). */
bool dwarf_entries_code(const struct dwarf_entries *entries, const struct dwarf_entry *entry,
                        struct entry_code *code);

#endif
