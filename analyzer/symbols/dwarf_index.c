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

/* --- ranges that overlap, made into ranges that do not ---------------------------- */

/* Those open where the sweep stands, as a heap: the last in order is on top, and has what lies
 * between here and the next beginning or its end. */
struct sweep {
    const struct unit_range *ranges; /* in order */
    size_t *open;
    size_t open_count;
    struct dwarf_index *out;
    uint64_t at;
};

static void swap(size_t *left, size_t *right)
{
    size_t kept = *left;

    *left = *right;
    *right = kept;
}

static void open_range(struct sweep *sweep, size_t number)
{
    size_t at = sweep->open_count++;

    sweep->open[at] = number;
    for (; at > 0 && sweep->open[(at - 1) / 2] < sweep->open[at]; at = (at - 1) / 2)
        swap(&sweep->open[(at - 1) / 2], &sweep->open[at]);
}

static void close_top(struct sweep *sweep)
{
    size_t at = 0, largest = 0;

    sweep->open[0] = sweep->open[--sweep->open_count];
    do {
        swap(&sweep->open[at], &sweep->open[largest]);
        at = largest;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++)
            if (child < sweep->open_count && sweep->open[child] > sweep->open[largest])
                largest = child;
    } while (largest != at);
}

/* Goes on to `end`: what lies before it belongs to whoever is on top there. */
static void sweep_to(struct sweep *sweep, uint64_t end)
{
    struct dwarf_index *out = sweep->out;

    while (sweep->open_count > 0 && sweep->at < end) {
        const struct unit_range *top = &sweep->ranges[sweep->open[0]];
        uint64_t until = top->high < end ? top->high : end;

        if (until > sweep->at) {
            out->ranges = memory_grow(out->ranges, out->count, &out->capacity, sizeof(*top));
            out->ranges[out->count++] = (struct unit_range){sweep->at, until, top->unit};
            sweep->at = until;
        }
        if (top->high <= sweep->at)
            close_top(sweep);
    }
    sweep->at = end;
}

void dwarf_index_take_apart(struct dwarf_index *index)
{
    struct unit_range *ranges = index->ranges;
    size_t count = index->count;
    struct sweep sweep = {.ranges = ranges, .out = index};

    if (count == 0)
        return;
    qsort(ranges, count, sizeof(*ranges), compare_ranges);
    sweep.open = memory_alloc(count * sizeof(*sweep.open));
    index->ranges = NULL;
    index->count = index->capacity = 0;
    for (size_t i = 0; i < count; i++) {
        sweep_to(&sweep, ranges[i].low);
        open_range(&sweep, i);
    }
    sweep_to(&sweep, UINT64_MAX);
    free(sweep.open);
    free(ranges);
}

/* --- the index ---------------------------------------------------------------------- */

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
    dwarf_index_take_apart(index);
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
    if (low == 0 || index->ranges[low - 1].high <= address)
        return false;
    *unit = index->ranges[low - 1].unit;
    return true;
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
