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

static uint64_t round_up(uint64_t value, uint64_t step)
{
    return (value + step - 1) / step * step;
}

/* A millisecond, or what makes HTML_SLICES of the whole; and no less than what samples stand for:
 * processors in use would go up and down with every one of them. */
static uint64_t first_width(const struct samples *samples, struct html_axis axis)
{
    uint64_t width = (axis.end_ns - axis.start_ns) / HTML_SLICES + 1, sum = 0, count = 0;

    for (size_t i = 0; i < samples->count; i++)
        if (!samples->items[i].off) {
            sum = sum_unsigned(sum, samples->items[i].length_ns);
            count++;
        }
    if (count > 0 && sum / count > width)
        width = sum / count;
    return round_up(width, HTML_SLICE_LEAST);
}

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

/* On the axis, up to `most`. */
static uint64_t offset_of(const struct slicing *slicing, uint64_t time_ns, uint64_t most)
{
    uint64_t offset = time_ns > slicing->axis.start_ns ? time_ns - slicing->axis.start_ns : 0;

    return offset < most ? offset : most;
}

/* Spreads it evenly, all of it: what lies beyond the axis is put at its ends. */
static void add_sample(struct slicing *slicing, const struct profile_sample *sample, uint32_t entry)
{
    uint64_t length = slicing->axis.end_ns - slicing->axis.start_ns;
    uint64_t span = sample->span_ns > sample->length_ns ? sample->span_ns : sample->length_ns;
    uint64_t from = sample->time_ns > span ? sample->time_ns - span : 0;
    uint64_t begin = offset_of(slicing, from, length - 1);
    uint64_t end = offset_of(slicing, sample->time_ns, length);
    uint64_t left = sample->length_ns;

    end = end > begin ? end : begin + 1;
    uint64_t last = (end - 1) / slicing->width_ns;
    for (uint64_t slice = begin / slicing->width_ns, at = begin; slice <= last; slice++) {
        uint64_t border = (slice + 1) * slicing->width_ns;
        double share = (double)(border - at) / (double)(end - begin);
        uint64_t part = slice == last ? left : (uint64_t)((double)sample->length_ns * share);
        part = part < left ? part : left;
        const struct row row = {(uint32_t)slice, entry, sample->off ? 0 : part,
                                sample->off ? part : 0};
        if (part > 0)
            add_to_row(slicing, &row);
        left -= part;
        at = border;
    }
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
    slices->slices = (slicing->axis.end_ns - slicing->axis.start_ns - 1) / slicing->width_ns + 1;
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

/* Numbers of the profile's entries, by place. */
static struct element_index index_entries(const struct entries *entries)
{
    struct element_index index;

    element_index_init(&index, sizeof(*entries->places), sizeof(*entries->places));
    for (size_t i = 0; i < entries->count; i++)
        (void)element_index_add(&index, entries->places, &entries->places[i]);
    return index;
}

void html_slices_fill(struct html_document *document, const struct profile *profile,
                      const uint32_t *entry_of, struct html_axis axis)
{
    const struct samples *samples = &profile->samples;
    struct slicing slicing = {.axis = axis};

    if (samples->count == 0 || axis.end_ns <= axis.start_ns)
        return;
    struct element_index index = index_entries(&profile->entries);
    slicing.width_ns = first_width(samples, axis);
    init_rows(&slicing);
    for (size_t i = 0; i < samples->count; i++) {
        const struct profile_sample *sample = &samples->items[i];
        uint32_t entry = element_index_find(&index, profile->entries.places, &sample->place);
        if (entry == ELEMENT_INDEX_NONE)
            continue;
        add_sample(&slicing, sample, entry_of[entry]);
        if (slicing.count > HTML_SLICE_ROWS)
            widen(&slicing);
    }
    qsort(slicing.rows, slicing.count, sizeof(*slicing.rows), compare_rows);
    take_rows(&document->slices, &slicing);
    element_index_release(&index);
    element_index_release(&slicing.index);
    free(slicing.rows);
}
