/*
 * dwarf_entries.h: DWARF 5, 7.5.
 */
#include "analyzer/symbols/dwarf_entries.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

/* --- forms ---------------------------------------------------------------------- */

/* Bytes of a value; -1 when that depends on the value, or the form is not known. */
static int form_size(const struct dwarf_entries *entries, uint32_t form)
{
    switch (form) {
    case DW_FORM_flag_present:
    case DW_FORM_implicit_const:
        return 0;
    case DW_FORM_data1:
    case DW_FORM_ref1:
    case DW_FORM_flag:
    case DW_FORM_strx1:
    case DW_FORM_addrx1:
        return 1;
    case DW_FORM_data2:
    case DW_FORM_ref2:
    case DW_FORM_strx2:
    case DW_FORM_addrx2:
        return 2;
    case DW_FORM_strx3:
    case DW_FORM_addrx3:
        return 3;
    case DW_FORM_data4:
    case DW_FORM_ref4:
    case DW_FORM_strx4:
    case DW_FORM_addrx4:
    case DW_FORM_ref_sup4:
        return 4;
    case DW_FORM_data8:
    case DW_FORM_ref8:
    case DW_FORM_ref_sig8:
    case DW_FORM_ref_sup8:
        return 8;
    case DW_FORM_data16:
        return 16;
    case DW_FORM_addr:
        return (int)entries->address_size;
    case DW_FORM_ref_addr:
        return (int)(entries->version < 3 ? entries->address_size : entries->offset_size);
    case DW_FORM_sec_offset:
    case DW_FORM_strp:
    case DW_FORM_line_strp:
    case DW_FORM_strp_sup:
    case DW_FORM_GNU_strp_alt:
    case DW_FORM_GNU_ref_alt:
        return (int)entries->offset_size;
    default:
        return -1;
    }
}

static void skip_value(const struct dwarf_entries *entries, struct byte_cursor *cursor,
                       uint32_t form)
{
    int size = form_size(entries, form);

    if (size >= 0) {
        (void)byte_take(cursor, (unsigned)size);
        return;
    }
    switch (form) {
    case DW_FORM_string:
        (void)byte_text(cursor);
        break;
    case DW_FORM_block1:
        (void)byte_take(cursor, byte_fixed(cursor, 1));
        break;
    case DW_FORM_block2:
        (void)byte_take(cursor, byte_fixed(cursor, 2));
        break;
    case DW_FORM_block4:
        (void)byte_take(cursor, byte_fixed(cursor, 4));
        break;
    case DW_FORM_block:
    case DW_FORM_exprloc:
        (void)byte_take(cursor, byte_uleb(cursor));
        break;
    case DW_FORM_sdata:
    case DW_FORM_udata:
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
    case DW_FORM_GNU_str_index:
    case DW_FORM_GNU_addr_index:
        (void)byte_uleb(cursor);
        break;
    default: /* DW_FORM_indirect, which no compiler writes, is among what is not known */
        byte_fail(cursor);
        break;
    }
}

/* A number of any of the forms that have one. False for others. */
static bool read_number(const struct dwarf_entries *entries, struct byte_cursor *cursor,
                        uint32_t form, uint64_t *value)
{
    int size = form_size(entries, form);

    switch (form) {
    case DW_FORM_udata:
    case DW_FORM_ref_udata:
    case DW_FORM_addrx:
    case DW_FORM_GNU_addr_index:
        *value = byte_uleb(cursor);
        break;
    default:
        if (size < 1 || size > 8)
            return false;
        *value = byte_fixed(cursor, (unsigned)size);
        break;
    }
    return !cursor->failed;
}

/* --- abbreviations -------------------------------------------------------------- */

static void add_attribute(struct dwarf_entries *entries, struct entry_shape *shape, uint32_t name,
                          uint32_t form)
{
    int size = form_size(entries, form);

    entries->attributes = memory_grow(entries->attributes, entries->attribute_count,
                                      &entries->attribute_capacity, sizeof(*entries->attributes));
    entries->attributes[entries->attribute_count++] = (struct entry_attribute){name, form};
    shape->count++;
    shape->size = size < 0 || shape->size < 0 ? -1 : shape->size + size;
    shape->has_code |= name == DW_AT_low_pc || name == DW_AT_ranges;
    shape->has_sibling |= name == DW_AT_sibling;
}

/* The next of the list; false after the last. */
static bool read_shape(struct dwarf_entries *entries, struct byte_cursor *cursor)
{
    struct entry_shape shape = {.code = byte_uleb(cursor)};

    if (shape.code == 0)
        return false;
    shape.tag = (uint32_t)byte_uleb(cursor);
    shape.has_children = byte_one(cursor) != 0;
    shape.first = (uint32_t)entries->attribute_count;
    while (!cursor->failed) {
        uint32_t name = (uint32_t)byte_uleb(cursor), form = (uint32_t)byte_uleb(cursor);

        if (form == DW_FORM_implicit_const)
            (void)byte_sleb(cursor);
        if (name == 0 && form == 0)
            break;
        add_attribute(entries, &shape, name, form);
    }
    if (cursor->failed)
        return false;
    entries->shapes = memory_grow(entries->shapes, entries->shape_count, &entries->shape_capacity,
                                  sizeof(*entries->shapes));
    entries->shapes[entries->shape_count++] = shape;
    return true;
}

static int compare_shapes(const void *left, const void *right)
{
    const struct entry_shape *a = left, *b = right;

    return a->code < b->code ? -1 : a->code > b->code;
}

/* Codes are 1, 2, 3... in all that is written by compilers. */
static const struct entry_shape *find_shape(const struct dwarf_entries *entries, uint64_t code)
{
    struct entry_shape wanted = {.code = code};

    if (code - 1 < entries->shape_count && entries->shapes[code - 1].code == code)
        return &entries->shapes[code - 1];
    if (entries->shape_count == 0)
        return NULL;
    return bsearch(&wanted, entries->shapes, entries->shape_count, sizeof(wanted), compare_shapes);
}

/* --- the unit ------------------------------------------------------------------- */

/* Leaves entries->unit from the header to the unit's end. */
static bool read_header(struct dwarf_entries *entries, struct byte_cursor cursor,
                        uint64_t *abbreviations)
{
    uint64_t length;

    entries->unit = cursor;
    entries->offset_size = 4;
    length = byte_fixed(&cursor, 4);
    if (length == 0xffffffff) {
        entries->offset_size = 8;
        length = byte_fixed(&cursor, 8);
    }
    if (length > byte_left(&cursor))
        return false;
    entries->unit.end = cursor.at + length;
    entries->version = (unsigned)byte_fixed(&cursor, 2);
    if (entries->version >= 5) {
        (void)byte_one(&cursor); /* kind of unit */
        entries->address_size = byte_one(&cursor);
        *abbreviations = byte_fixed(&cursor, entries->offset_size);
    } else {
        *abbreviations = byte_fixed(&cursor, entries->offset_size);
        entries->address_size = byte_one(&cursor);
    }
    return !cursor.failed && cursor.at <= entries->unit.end && entries->version >= 2 &&
           entries->version <= 5 && entries->address_size <= 8;
}

bool dwarf_entries_init(struct dwarf_entries *entries, const uint8_t *info, size_t info_size,
                        const uint8_t *abbreviations, size_t abbreviations_size, uint64_t offset)
{
    struct byte_cursor cursor = byte_cursor_from(info, info_size, offset);
    uint64_t list = 0;

    memset(entries, 0, sizeof(*entries));
    entries->section = info;
    if (cursor.failed || !read_header(entries, cursor, &list))
        return false;
    cursor = byte_cursor_from(abbreviations, abbreviations_size, list);
    while (!cursor.failed && read_shape(entries, &cursor))
        continue;
    if (entries->shape_count > 0)
        qsort(entries->shapes, entries->shape_count, sizeof(*entries->shapes), compare_shapes);
    return entries->shape_count > 0;
}

bool dwarf_entries_open(struct dwarf_entries *entries, struct dwarf_object *object, Dwarf_Die die)
{
    Dwarf_Off offset = 0, inside = 0;
    Dwarf_Error error = NULL;
    size_t info_size = 0, abbreviations_size = 0;
    const uint8_t *info = dwarf_object_section(object, ".debug_info", &info_size);
    const uint8_t *abbreviations =
        dwarf_object_section(object, ".debug_abbrev", &abbreviations_size);

    memset(entries, 0, sizeof(*entries));
    if (info == NULL || abbreviations == NULL) {
        info = dwarf_object_section(object, ".debug_info.dwo", &info_size);
        abbreviations = dwarf_object_section(object, ".debug_abbrev.dwo", &abbreviations_size);
    }
    if (info == NULL || abbreviations == NULL)
        return false;
    if (dwarf_dieoffset(die, &offset, &error) != DW_DLV_OK ||
        dwarf_die_CU_offset(die, &inside, &error) != DW_DLV_OK) {
        if (error != NULL)
            dwarf_dealloc_error(dwarf_object_debug(object), error);
        return false;
    }
    return dwarf_entries_init(entries, info, info_size, abbreviations, abbreviations_size,
                              offset - inside);
}

void dwarf_entries_release(struct dwarf_entries *entries)
{
    free(entries->shapes);
    free(entries->attributes);
    memset(entries, 0, sizeof(*entries));
}

/* --- steps ---------------------------------------------------------------------- */

static struct byte_cursor cursor_at(const struct dwarf_entries *entries, uint64_t offset)
{
    struct byte_cursor cursor = entries->unit;
    uint64_t start = (uint64_t)(entries->unit.at - entries->section);

    if (offset < start || offset - start >= byte_left(&cursor))
        byte_fail(&cursor);
    else
        cursor.at += offset - start;
    return cursor;
}

bool dwarf_entries_hold(const struct dwarf_entries *entries, Dwarf_Off offset)
{
    return entries->section != NULL && !cursor_at(entries, offset).failed;
}

static void skip_attributes(const struct dwarf_entries *entries, const struct entry_shape *shape,
                            struct byte_cursor *cursor)
{
    if (shape->size >= 0) {
        (void)byte_take(cursor, (unsigned)shape->size);
        return;
    }
    for (uint32_t i = 0; i < shape->count && !cursor->failed; i++)
        skip_value(entries, cursor, entries->attributes[shape->first + i].form);
}

/* Goes to the value of an attribute; false when there is none. */
static bool find_value(const struct dwarf_entries *entries, const struct entry_shape *shape,
                       struct byte_cursor *cursor, uint32_t name, uint32_t *form)
{
    for (uint32_t i = 0; i < shape->count && !cursor->failed; i++) {
        const struct entry_attribute *attribute = &entries->attributes[shape->first + i];

        if (attribute->name == name) {
            *form = attribute->form;
            return true;
        }
        skip_value(entries, cursor, attribute->form);
    }
    return false;
}

/* From its attributes to the entry's sibling, where it says so itself. False, and the cursor as
 * it was, when it does not, or points back. */
static bool jump_to_sibling(const struct dwarf_entries *entries, const struct entry_shape *shape,
                            struct byte_cursor *cursor)
{
    struct byte_cursor value = *cursor;
    uint64_t offset = 0;
    uint32_t form = 0;

    if (!shape->has_sibling || !find_value(entries, shape, &value, DW_AT_sibling, &form) ||
        form == DW_FORM_ref_addr || !read_number(entries, &value, form, &offset) ||
        offset > byte_left(&entries->unit) || entries->unit.at + offset <= cursor->at)
        return false;
    cursor->at = entries->unit.at + offset;
    return true;
}

/* Passes over children, up to the end of their list. */
static void skip_children(const struct dwarf_entries *entries, struct byte_cursor *cursor)
{
    for (size_t depth = 1; depth > 0 && !cursor->failed;) {
        uint64_t code = byte_uleb(cursor);
        const struct entry_shape *shape;

        if (code == 0) {
            depth--;
            continue;
        }
        shape = find_shape(entries, code);
        if (shape == NULL) {
            byte_fail(cursor);
            break;
        }
        if (shape->has_children && jump_to_sibling(entries, shape, cursor))
            continue;
        skip_attributes(entries, shape, cursor);
        depth += shape->has_children;
    }
}

static bool read_entry(const struct dwarf_entries *entries, struct byte_cursor cursor,
                       struct dwarf_entry *entry)
{
    uint64_t code;

    entry->offset = (Dwarf_Off)(cursor.at - entries->section);
    code = byte_uleb(&cursor);
    if (cursor.failed || code == 0)
        return false;
    entry->shape = find_shape(entries, code);
    if (entry->shape == NULL)
        return false;
    entry->tag = entry->shape->tag;
    entry->has_children = entry->shape->has_children;
    entry->has_code = entry->shape->has_code;
    skip_attributes(entries, entry->shape, &cursor);
    entry->after = (uint64_t)(cursor.at - entries->section);
    return !cursor.failed;
}

bool dwarf_entries_child(const struct dwarf_entries *entries, Dwarf_Off parent,
                         struct dwarf_entry *child)
{
    struct byte_cursor cursor = cursor_at(entries, parent);

    if (cursor.failed || !read_entry(entries, cursor, child) || !child->has_children)
        return false;
    return read_entry(entries, cursor_at(entries, child->after), child);
}

static struct byte_cursor attributes_of(const struct dwarf_entries *entries,
                                        const struct dwarf_entry *entry)
{
    struct byte_cursor cursor = cursor_at(entries, entry->offset);

    (void)byte_uleb(&cursor);
    return cursor;
}

bool dwarf_entries_next(const struct dwarf_entries *entries, struct dwarf_entry *entry)
{
    struct byte_cursor cursor = attributes_of(entries, entry);

    if (!entry->has_children || !jump_to_sibling(entries, entry->shape, &cursor)) {
        cursor = cursor_at(entries, entry->after);
        if (entry->has_children)
            skip_children(entries, &cursor);
    }
    return !cursor.failed && read_entry(entries, cursor, entry);
}

static bool is_index(uint32_t form)
{
    return form == DW_FORM_addrx || form == DW_FORM_GNU_addr_index ||
           (form >= DW_FORM_addrx1 && form <= DW_FORM_addrx4);
}

static bool is_length(uint32_t form)
{
    return form == DW_FORM_udata || form == DW_FORM_data1 || form == DW_FORM_data2 ||
           form == DW_FORM_data4 || form == DW_FORM_data8;
}

bool dwarf_entries_code(const struct dwarf_entries *entries, const struct dwarf_entry *entry,
                        struct entry_code *code)
{
    struct byte_cursor low = attributes_of(entries, entry), high = low;
    uint32_t low_form = 0, high_form = 0;

    if (!find_value(entries, entry->shape, &low, DW_AT_low_pc, &low_form) ||
        !find_value(entries, entry->shape, &high, DW_AT_high_pc, &high_form))
        return false;
    code->low_is_index = is_index(low_form);
    code->high_is_length = is_length(high_form);
    return (code->low_is_index || low_form == DW_FORM_addr) &&
           (code->high_is_length || high_form == DW_FORM_addr) &&
           read_number(entries, &low, low_form, &code->low) &&
           read_number(entries, &high, high_form, &code->high);
}
