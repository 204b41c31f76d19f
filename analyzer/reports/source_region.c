/*
 * The choice of lines. Its own file because it is arithmetic that text and JSON share.
 */
#include "analyzer/reports/source_region.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const struct source_line *left = a, *right = b;

    if (left->total != right->total)
        return left->total > right->total ? -1 : 1;
    if (left->self != right->self)
        return left->self > right->self ? -1 : 1;
    return (left->line > right->line) - (left->line < right->line);
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

/* Numbers of the costliest, rising; free(). */
static uint32_t *costliest(struct source_region *region, const struct source_line *lines,
                           size_t count, size_t most)
{
    struct source_line *order = memory_alloc((count + 1) * sizeof(*order));
    uint32_t *numbers = memory_alloc((count + 1) * sizeof(*numbers));

    for (size_t i = 0; i < count; i++)
        if (lines[i].total > 0 || lines[i].self > 0)
            order[region->costly++] = lines[i];
    qsort(order, region->costly, sizeof(*order), compare);
    region->costly_shown = region->costly < most ? region->costly : most;
    for (size_t i = 0; i < region->costly_shown; i++)
        numbers[i] = order[i].line;
    qsort(numbers, region->costly_shown, sizeof(*numbers), compare_numbers);
    free(order);
    return numbers;
}

static void add_lines(struct source_region *region, uint32_t from, uint32_t to)
{
    uint64_t next = region->count > 0 ? region->lines[region->count - 1] + UINT64_C(1) : 1;

    for (uint64_t line = from > next ? from : next; line <= to; line++) {
        region->lines =
            memory_grow(region->lines, region->count, &region->capacity, sizeof(*region->lines));
        region->lines[region->count++] = (uint32_t)line;
    }
}

void source_region_init(struct source_region *region, const struct source_line *lines, size_t count,
                        size_t most, uint32_t from, uint32_t last)
{
    *region = (struct source_region){.count = 0};
    uint32_t *numbers = costliest(region, lines, count, most);
    uint32_t end = region->costly_shown > 0 ? numbers[region->costly_shown - 1] : 0;

    if (from != 0 && from <= end && end <= last && end - from < SOURCE_WHOLE)
        add_lines(region, from, end);
    for (size_t i = 0; i < region->costly_shown; i++) {
        uint32_t line = numbers[i];
        uint32_t before = last == 0 || line > last ? 0 : SOURCE_CONTEXT;
        uint32_t after = last == 0 || line > last ? 0 : last - line;
        after = after < SOURCE_CONTEXT ? after : SOURCE_CONTEXT;
        add_lines(region, line > before ? line - before : 1, line + after);
    }
    free(numbers);
}

void source_region_release(struct source_region *region)
{
    free(region->lines);
}
