/*
 * dwarf_ranges.h: DWARF 4, 2.17.3; DWARF 5, 2.17.3 and 7.25; for split units of DWARF 4
 * the GNU extension (gcc.gnu.org/wiki/DebugFission).
 */
#include "analyzer/symbols/dwarf_ranges.h"

#include "analyzer/symbols/byte_cursor.h"
#include "analyzer/util/memory.h"

#define ADDRESS_SIZE 8 /* only 64-bit files are read here */

/* A list being read. */
struct reading {
    const struct dwarf_unit *unit;
    struct byte_cursor cursor;
    uint64_t base; /* of the offsets that follow */
    struct range_list *list;
};

void dwarf_ranges_add(const struct dwarf_unit *unit, struct range_list *list, uint64_t low,
                      uint64_t high)
{
    if (low >= high || low < unit->code_start)
        return;
    list->ranges = memory_grow(list->ranges, list->count, &list->capacity, sizeof(*list->ranges));
    list->ranges[list->count++] = (struct address_range){low, high};
}

bool dwarf_ranges_address(const struct dwarf_unit *unit, uint64_t index, uint64_t *address)
{
    size_t size = 0;
    const uint8_t *bytes = dwarf_object_section(unit->linked, ".debug_addr", &size);
    struct byte_cursor cursor;

    if (bytes == NULL || index > size / ADDRESS_SIZE)
        return false;
    cursor = byte_cursor_from(bytes, size, unit->address_base + index * ADDRESS_SIZE);
    *address = byte_fixed(&cursor, ADDRESS_SIZE);
    return !cursor.failed;
}

/* .debug_ranges: pairs of offsets from the base, up to one of zeros. */
static void read_pairs(struct reading *reading)
{
    struct byte_cursor *cursor = &reading->cursor;

    while (!cursor->failed) {
        uint64_t low = byte_fixed(cursor, ADDRESS_SIZE);
        uint64_t high = byte_fixed(cursor, ADDRESS_SIZE);

        if (cursor->failed || (low == 0 && high == 0))
            break;
        if (low == UINT64_MAX)
            reading->base = high;
        else
            dwarf_ranges_add(reading->unit, reading->list, reading->base + low,
                             reading->base + high);
    }
}

/* The next address, given itself or by its index. */
static uint64_t read_address(struct reading *reading, bool by_index)
{
    uint64_t address = 0;

    if (!by_index)
        return byte_fixed(&reading->cursor, ADDRESS_SIZE);
    if (!dwarf_ranges_address(reading->unit, byte_uleb(&reading->cursor), &address))
        reading->cursor.failed = true;
    return address;
}

/* One entry of .debug_rnglists; false after the last. */
static bool read_entry(struct reading *reading)
{
    struct byte_cursor *cursor = &reading->cursor;
    unsigned kind = (unsigned)byte_fixed(cursor, 1);
    bool by_index =
        kind == DW_RLE_base_addressx || kind == DW_RLE_startx_endx || kind == DW_RLE_startx_length;
    uint64_t low, high;

    switch (kind) {
    case DW_RLE_base_address:
    case DW_RLE_base_addressx:
        reading->base = read_address(reading, by_index);
        return !cursor->failed;
    case DW_RLE_startx_endx:
    case DW_RLE_start_end:
        low = read_address(reading, by_index);
        high = read_address(reading, by_index);
        break;
    case DW_RLE_startx_length:
    case DW_RLE_start_length:
        low = read_address(reading, by_index);
        high = low + byte_uleb(cursor);
        break;
    case DW_RLE_offset_pair:
        low = reading->base + byte_uleb(cursor);
        high = reading->base + byte_uleb(cursor);
        break;
    default: /* the end, or damage */
        return false;
    }
    if (!cursor->failed)
        dwarf_ranges_add(reading->unit, reading->list, low, high);
    return !cursor->failed;
}

static void read_entries(struct reading *reading, uint64_t value, bool by_index)
{
    const struct dwarf_unit *unit = reading->unit;
    struct byte_cursor start = reading->cursor;

    if (by_index) {
        (void)byte_take(&start, unit->list_base);
        (void)byte_take(&start, value * unit->offset_size);
        value = unit->list_base + byte_fixed(&start, unit->offset_size);
    }
    if (start.failed)
        return;
    (void)byte_take(&reading->cursor, value);
    while (read_entry(reading))
        continue;
}

void dwarf_ranges_read(const struct dwarf_unit *unit, uint64_t value, bool by_index,
                       struct range_list *list)
{
    struct reading reading = {.unit = unit, .base = unit->base, .list = list};
    bool is_split = unit->linked != unit->object;
    size_t size = 0;
    const uint8_t *bytes;

    if (unit->version < 5)
        bytes = dwarf_object_section(unit->linked, ".debug_ranges", &size);
    else
        bytes = dwarf_object_section(unit->object,
                                     is_split ? ".debug_rnglists.dwo" : ".debug_rnglists", &size);
    if (bytes == NULL)
        return;
    reading.cursor = byte_cursor_from(bytes, size, 0);
    if (unit->version >= 5) {
        read_entries(&reading, value, by_index);
        return;
    }
    (void)byte_take(&reading.cursor, value + (is_split ? unit->list_base : 0));
    read_pairs(&reading);
}
