/*
 * html_slices.h. Its own file as the one that reads samples one by one.
 *
 * Rows are found by slice and entry. When there are more than the bound, slices become twice as
 * long and rows of two become one: a pass over the samples is enough whatever they are.
 */
#include "analyzer/reports/html_slices.h"

#include "analyzer/util/element_index.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>

struct row {
    uint32_t slice, entry; /* the key */
    uint64_t cpu_ns, off_ns;
};

struct slicing {
    struct html_axis axis;
    uint64_t width_ns;
    struct row *rows;
    size_t count, capacity;
    struct element_index index;
};

static void init_rows(struct slicing *slicing)
{
    slicing->rows = NULL;
    slicing->count = slicing->capacity = 0;
    element_index_init(&slicing->index, sizeof(struct row), 2 * sizeof(uint32_t));
}

static void add_to_row(struct slicing *slicing, const struct row *part)
{
    uint32_t number = element_index_add(&slicing->index, slicing->rows, part);

    if (number == slicing->count) {
        slicing->rows =
            memory_grow(slicing->rows, slicing->count, &slicing->capacity, sizeof(*slicing->rows));
        slicing->rows[slicing->count++] = *part;
        return;
    }
    struct row *row = &slicing->rows[number];
    row->cpu_ns = sum_unsigned(row->cpu_ns, part->cpu_ns);
    row->off_ns = sum_unsigned(row->off_ns, part->off_ns);
}

static void widen(struct slicing *slicing)
{
    struct row *before = slicing->rows;
    size_t count = slicing->count;

    element_index_release(&slicing->index);
    init_rows(slicing);
    slicing->width_ns *= 2;
    for (size_t i = 0; i < count; i++) {
        before[i].slice /= 2;
        add_to_row(slicing, &before[i]);
    }
    free(before);
}

static void add_sample(struct slicing *slicing, const struct profile_sample *sample, uint32_t entry)
{
    struct html_spread spread = html_spread_begin(sample, slicing->axis, slicing->width_ns);
    uint32_t slice;
    uint64_t part;

    while (html_spread_next(&spread, &slice, &part)) {
        const struct row row = {slice, entry, sample->off ? 0 : part, sample->off ? part : 0};
        if (part > 0)
            add_to_row(slicing, &row);
    }
}

static bool is_too_fine(const struct slicing *slicing)
{
    bool are_many = html_spread_slices(slicing->axis, slicing->width_ns) >= 2 * HTML_SLICES_LEAST;

    return slicing->count > (are_many ? HTML_SLICE_ROWS : HTML_SLICE_ROWS_MOST);
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *left = a, *right = b;

    if (left->slice != right->slice)
        return left->slice < right->slice ? -1 : 1;
    return left->entry < right->entry ? -1 : left->entry > right->entry;
}

static void take_rows(struct html_slices *slices, const struct slicing *slicing)
{
    size_t count = slicing->count;

    slices->width_ns = slicing->width_ns;
    slices->slices = html_spread_slices(slicing->axis, slicing->width_ns);
    slices->slice = memory_alloc((count + 1) * sizeof(*slices->slice));
    slices->entry = memory_alloc((count + 1) * sizeof(*slices->entry));
    slices->cpu_ns = memory_alloc((count + 1) * sizeof(*slices->cpu_ns));
    slices->off_ns = memory_alloc((count + 1) * sizeof(*slices->off_ns));
    slices->count = count;
    for (size_t i = 0; i < count; i++) {
        slices->slice[i] = slicing->rows[i].slice;
        slices->entry[i] = slicing->rows[i].entry;
        slices->cpu_ns[i] = slicing->rows[i].cpu_ns;
        slices->off_ns[i] = slicing->rows[i].off_ns;
    }
}

void html_slices_fill(struct html_document *document, const struct profile *profile,
                      const uint32_t *entry_of, struct html_axis axis)
{
    const struct samples *samples = &profile->samples;
    struct slicing slicing = {.axis = axis};

    if (samples->count == 0 || axis.end_ns <= axis.start_ns)
        return;
    slicing.width_ns = html_spread_width(samples, axis);
    init_rows(&slicing);
    for (size_t i = 0; i < samples->count; i++) {
        const struct profile_sample *sample = &samples->items[i];
        uint32_t entry =
            element_index_find(&profile->entries.index, profile->entries.places, &sample->place);
        if (entry == ELEMENT_INDEX_NONE)
            continue;
        add_sample(&slicing, sample, entry_of[entry]);
        if (is_too_fine(&slicing))
            widen(&slicing);
    }
    qsort(slicing.rows, slicing.count, sizeof(*slicing.rows), compare_rows);
    take_rows(&document->slices, &slicing);
    element_index_release(&slicing.index);
    free(slicing.rows);
}
