/*
 * dwarf_index.h: one pass over unit headers, one sort.
 */
#include "analyzer/symbols/dwarf_index.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* Next unit header of .debug_info, and where its unit ends; false at the end, after which the
 * first one comes again, or where it is damaged. */
static bool next_header(Dwarf_Debug debug, Dwarf_Unsigned *next)
{
    Dwarf_Error error = NULL;
    Dwarf_Unsigned length, type_offset;
    Dwarf_Half version, address_size, offset_size, extension_size, kind;
    Dwarf_Off abbreviations;
    Dwarf_Sig8 signature;
    int result = dwarf_next_cu_header_d(debug, 1, &length, &version, &abbreviations, &address_size,
                                        &offset_size, &extension_size, &signature, &type_offset,
                                        next, &kind, &error);

    if (result == DW_DLV_ERROR && error != NULL)
        dwarf_dealloc_error(debug, error);
    return result == DW_DLV_OK;
}

/* The unit's entry, after next_header(). */
static Dwarf_Die unit_entry(Dwarf_Debug debug)
{
    Dwarf_Error error = NULL;
    Dwarf_Die die = NULL;
    int result = dwarf_siblingof_b(debug, NULL, 1, &die, &error);

    if (result == DW_DLV_ERROR && error != NULL)
        dwarf_dealloc_error(debug, error);
    return result == DW_DLV_OK ? die : NULL;
}

static void add_unit(struct dwarf_index *index, const struct dwarf_unit *unit,
                     struct range_list *list)
{
    Dwarf_Off offset = dwarf_die_offset(unit->debug, unit->die);

    dwarf_die_ranges(unit, unit->die, list);
    for (size_t i = 0; i < list->count; i++) {
        index->ranges =
            memory_grow(index->ranges, index->count, &index->capacity, sizeof(*index->ranges));
        index->ranges[index->count++] = (struct unit_range){
            .low = list->ranges[i].low, .high = list->ranges[i].high, .unit = offset};
    }
}

static int compare_ranges(const void *left, const void *right)
{
    const struct unit_range *a = left, *b = right;

    if (a->low != b->low)
        return a->low < b->low ? -1 : 1;
    if (a->high != b->high)
        return a->high > b->high ? -1 : 1;
    return a->unit < b->unit ? -1 : a->unit > b->unit;
}

static void sort_ranges(struct dwarf_index *index)
{
    uint64_t reach = 0;

    if (index->count > 0)
        qsort(index->ranges, index->count, sizeof(*index->ranges), compare_ranges);
    for (size_t i = 0; i < index->count; i++) {
        if (index->ranges[i].high > reach)
            reach = index->ranges[i].high;
        index->ranges[i].reach = reach;
    }
}

void dwarf_index_init(struct dwarf_index *index, struct dwarf_object *object, uint64_t code_start)
{
    Dwarf_Debug debug = dwarf_object_debug(object);
    struct range_list list = {0};
    Dwarf_Unsigned end;

    memset(index, 0, sizeof(*index));
    while (next_header(debug, &end)) {
        struct dwarf_unit unit;
        Dwarf_Die die = unit_entry(debug);

        if (die == NULL)
            continue;
        if (dwarf_unit_init(&unit, object, die, code_start) == 0)
            add_unit(index, &unit, &list);
        dwarf_unit_release(&unit);
    }
    free(list.ranges);
    sort_ranges(index);
}

bool dwarf_index_find(const struct dwarf_index *index, uint64_t address, Dwarf_Off *unit)
{
    size_t low = 0, high = index->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (index->ranges[middle].low <= address)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low > 0 && index->ranges[low - 1].reach > address; low--) {
        if (index->ranges[low - 1].high > address) {
            *unit = index->ranges[low - 1].unit;
            return true;
        }
    }
    return false;
}

void dwarf_index_enter(struct dwarf_index *index, Dwarf_Debug debug, Dwarf_Off unit)
{
    if (unit >= index->begin && unit < index->end)
        return;
    if (unit < index->begin) {
        while (next_header(debug, &index->end))
            continue;
        index->end = 0;
    }
    do {
        index->begin = index->end;
        if (!next_header(debug, &index->end) || index->end <= index->begin) {
            index->begin = index->end = 0; /* damaged: the list it is then */
            break;
        }
    } while (unit >= index->end);
}
