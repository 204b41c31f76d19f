/*
 * scatter.h. Differences of neighbouring parts, not from the mean (von Neumann, 1941): a program
 * that does one thing first and another then is not uncertain. And their median, not their mean:
 * where one turns into the other nothing is uncertain either.
 */
#include "analyzer/model/scatter.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

#define PARTS 32u
#define SAMPLES_LEAST (8u * PARTS) /* of a function; fewer make parts of nothing */
#define MEDIAN_SQUARE 0.4549364    /* median of a squared standard normal value */

struct function_parts {
    double time[PARTS];
    uint64_t samples;
};

struct parts {
    struct function_parts *items; /* of each function */
    size_t count, capacity;
    double length[PARTS], squares[PARTS];
    double whole;
};

static uint32_t function_at(struct parts *parts, struct key_table *names, const char *name)
{
    uint32_t number = key_table_add(names, &name, (uint32_t)parts->count);

    parts->items = memory_grow(parts->items, parts->count, &parts->capacity, sizeof(*parts->items));
    if (number == parts->count)
        parts->items[parts->count++] = (struct function_parts){0};
    return number;
}

/* Parts of equal CPU time, of all threads together. */
static void divide(struct parts *parts, const struct profile *profile)
{
    struct key_table *names = key_table_new(sizeof(const char *));
    double before = 0;

    for (size_t i = 0; i < profile->samples.count; i++)
        if (!profile->samples.items[i].off)
            parts->whole += (double)profile->samples.items[i].length_ns;
    for (size_t i = 0; i < profile->samples.count; i++) {
        const struct profile_sample *sample = &profile->samples.items[i];
        double length = (double)sample->length_ns;
        if (sample->off || sample->place.stack == STACK_NONE)
            continue;
        size_t part = (size_t)(PARTS * before / parts->whole);
        part = part < PARTS ? part : PARTS - 1;
        const struct frame *leaf = &profile->frames[profile->stacks[sample->place.stack].frame];
        uint32_t function = function_at(parts, names, leaf->function);
        parts->items[function].time[part] += length;
        parts->items[function].samples++;
        parts->length[part] += length;
        parts->squares[part] += length * length;
        before += length;
    }
    key_table_free(names);
}

static int compare(const void *a, const void *b)
{
    const double *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

/* The median of what is one on average where samples are independent. */
static double scatter_of_function(const struct parts *parts, const double *time)
{
    double squares[PARTS - 1], mean = 0;
    size_t count = 0;

    for (size_t i = 0; i < PARTS; i++)
        mean += time[i] / parts->whole;
    for (size_t i = 0; i + 1 < PARTS; i++) {
        if (parts->length[i] <= 0 || parts->length[i + 1] <= 0)
            continue;
        double step = time[i + 1] / parts->length[i + 1] - time[i] / parts->length[i];
        double variance = mean * (1 - mean) *
                          (parts->squares[i] / (parts->length[i] * parts->length[i]) +
                           parts->squares[i + 1] / (parts->length[i + 1] * parts->length[i + 1]));
        squares[count++] = variance > 0 ? step * step / variance : 1;
    }
    if (count == 0)
        return 1;
    qsort(squares, count, sizeof(*squares), compare);
    return squares[count / 2] / MEDIAN_SQUARE;
}

double scatter_of(const struct profile *profile)
{
    struct parts parts = {0};
    double sum = 0, weight = 0;

    divide(&parts, profile);
    for (size_t i = 0; i < parts.count; i++)
        if (parts.items[i].samples >= SAMPLES_LEAST) {
            sum +=
                (double)parts.items[i].samples * scatter_of_function(&parts, parts.items[i].time);
            weight += (double)parts.items[i].samples;
        }
    free(parts.items);
    return weight > 0 ? fmax(sum / weight, 1) : 1;
}
