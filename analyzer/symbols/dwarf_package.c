/*
 * dwarf_package.h: a hash table of identifiers, and a row of offsets and sizes for each.
 */
#include "analyzer/symbols/dwarf_package.h"

#include "analyzer/symbols/byte_cursor.h"

#define INDEX_SECTION ".debug_cu_index"
#define HEADER_SIZE 16
#define COLUMNS_MAX 64 /* the formats know eight */

/* Where the tables of an index are. */
struct unit_index {
    const uint8_t *bytes;
    size_t size;
    unsigned version;               /* 2 or 5 */
    uint64_t columns, units, slots; /* slots: a power of two */
    uint64_t rows, kinds, offsets, sizes;
};

/* The section of a column, NULL when it is of no interest. Numbers below 5 are alike. */
static const char *section_name(unsigned version, uint64_t kind)
{
    switch (kind) {
    case 1:
        return ".debug_info.dwo";
    case 3:
        return ".debug_abbrev.dwo";
    case 4:
        return ".debug_line.dwo";
    case 6:
        return ".debug_str_offsets.dwo";
    case 8:
        return version == 5 ? ".debug_rnglists.dwo" : NULL;
    default:
        return NULL;
    }
}

static uint64_t number_at(const struct unit_index *index, uint64_t offset, unsigned bytes)
{
    struct byte_cursor cursor = byte_cursor_from(index->bytes, index->size, offset);

    return byte_fixed(&cursor, bytes);
}

static bool open_index(struct unit_index *index, struct dwarf_object *package)
{
    index->bytes = dwarf_object_section(package, INDEX_SECTION, &index->size);
    if (index->bytes == NULL || index->size < HEADER_SIZE)
        return false;
    /* 4 bytes in version 2, 2 and padding in version 5. */
    index->version = (unsigned)number_at(index, 0, 2);
    index->columns = number_at(index, 4, 4);
    index->units = number_at(index, 8, 4);
    index->slots = number_at(index, 12, 4);
    index->rows = HEADER_SIZE + 8 * index->slots;
    index->kinds = index->rows + 4 * index->slots;
    index->offsets = index->kinds + 4 * index->columns;
    index->sizes = index->offsets + 4 * index->columns * index->units;
    return (index->version == 2 || index->version == 5) && index->columns <= COLUMNS_MAX &&
           index->slots > 0 && (index->slots & (index->slots - 1)) == 0 &&
           index->sizes <= index->size;
}

/* The row of `id`, from 1; 0 when there is none. */
static uint64_t find_row(const struct unit_index *index, uint64_t id)
{
    uint64_t mask = index->slots - 1, slot = id & mask, step = ((id >> 32) & mask) | 1;

    for (uint64_t tries = 0; tries < index->slots; tries++) {
        uint64_t row = number_at(index, index->rows + 4 * slot, 4);

        if (row == 0 || row > index->units)
            return 0;
        if (number_at(index, HEADER_SIZE + 8 * slot, 8) == id)
            return row;
        slot = (slot + step) & mask;
    }
    return 0;
}

size_t dwarf_package_find(struct dwarf_object *package, uint64_t id,
                          struct dwarf_slice slices[DWARF_PACKAGE_SLICES_MAX])
{
    struct unit_index index;
    size_t count = 0;
    uint64_t row, cell;

    if (!open_index(&index, package))
        return 0;
    row = find_row(&index, id);
    if (row == 0)
        return 0;
    cell = 4 * (row - 1) * index.columns;
    for (uint64_t i = 0; i < index.columns && count < DWARF_PACKAGE_SLICES_MAX; i++) {
        const char *name = section_name(index.version, number_at(&index, index.kinds + 4 * i, 4));

        if (name != NULL)
            slices[count++] =
                (struct dwarf_slice){name, number_at(&index, index.offsets + cell + 4 * i, 4),
                                     number_at(&index, index.sizes + cell + 4 * i, 4)};
    }
    return count;
}
