/* Series of resources. Its own file because points become means of time in one place. */
#include "analyzer/model/resources.h"

#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *resource_scope_name(enum resource_scope scope)
{
    static const char *const names[] = {[RESOURCE_OF_MACHINE] = "machine",
                                        [RESOURCE_OF_PROCESS] = "process",
                                        [RESOURCE_OF_THREAD] = "thread"};

    return names[scope];
}

struct resource_series *resources_add(struct resources *resources,
                                      const struct resource_series *series)
{
    resources->series = memory_grow(resources->series, resources->count, &resources->capacity,
                                    sizeof(*resources->series));
    struct resource_series *added = &resources->series[resources->count++];
    *added = *series;
    added->points = NULL;
    added->count = added->capacity = 0;
    return added;
}

void resource_series_add(struct resource_series *series, uint64_t time_ns, double value)
{
    series->points =
        memory_grow(series->points, series->count, &series->capacity, sizeof(*series->points));
    series->points[series->count++] = (struct resource_point){time_ns, value};
}

void resources_release(struct resources *resources)
{
    for (size_t i = 0; i < resources->count; i++)
        free(resources->series[i].points);
    free(resources->series);
    memset(resources, 0, sizeof(*resources));
}

const struct resource_series *resources_find(const struct resources *resources, const char *name,
                                             const char *subject, uint32_t process, uint32_t thread)
{
    for (size_t i = 0; i < resources->count; i++) {
        const struct resource_series *series = &resources->series[i];
        if (strcmp(series->name, name) == 0 &&
            (subject == NULL ||
             (series->subject != NULL && strcmp(series->subject, subject) == 0)) &&
            (process == RESOURCE_NOBODY || series->process == process) &&
            (thread == RESOURCE_NOBODY || series->thread == thread))
            return series;
    }
    return NULL;
}

/* Number of the first point at or after `time_ns`. */
static size_t find(const struct resource_series *series, uint64_t time_ns)
{
    size_t low = 0, high = series->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (series->points[middle].time_ns < time_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A part of time with one value: of a gauge behind its point, of a rate before it. */
struct piece {
    uint64_t from_ns, to_ns;
    double value;
};

/* The n-th piece; pieces of points behind each other do not overlap. */
static struct piece piece_of(const struct resource_series *series, size_t n)
{
    const struct resource_point *point = &series->points[n];
    struct piece piece = {point->time_ns, point->time_ns, point->value};

    if (series->is_rate)
        piece.from_ns = n > 0 ? series->points[n - 1].time_ns : point->time_ns;
    else
        piece.to_ns = n + 1 < series->count ? series->points[n + 1].time_ns : point->time_ns + 1;
    return piece;
}

double resource_at_most(const char *unit, enum resource_scope scope)
{
    bool is_share = unit != NULL && strcmp(unit, "%") == 0 && scope != RESOURCE_OF_PROCESS;

    return is_share ? 100 : INFINITY;
}

struct resource_summary resource_summarise(const struct resource_series *series, uint64_t from_ns,
                                           uint64_t to_ns)
{
    struct resource_summary sum = {0};
    size_t first = find(series, from_ns);

    for (size_t i = first > 0 ? first - 1 : 0; i < series->count; i++) {
        struct piece piece = piece_of(series, i);
        if (piece.from_ns >= to_ns)
            break;
        uint64_t from = piece.from_ns > from_ns ? piece.from_ns : from_ns;
        uint64_t to = piece.to_ns < to_ns ? piece.to_ns : to_ns;
        if (to <= from || isnan(piece.value))
            continue;
        double seconds = (double)(to - from) * 1e-9;
        if (sum.known_s == 0)
            sum.least = sum.most = piece.value;
        sum.least = fmin(sum.least, piece.value);
        sum.most = fmax(sum.most, piece.value);
        sum.last = piece.value;
        sum.known_s += seconds;
        sum.total += piece.value * seconds;
    }
    double at_most = resource_at_most(series->unit, series->scope);
    sum.most = fmin(sum.most, at_most);
    sum.least = fmin(sum.least, at_most);
    sum.mean = sum.known_s > 0 ? fmin(sum.total / sum.known_s, at_most) : 0;
    return sum;
}

void resource_resample(const struct resource_series *series, uint64_t start_ns, uint64_t width_ns,
                       size_t count, double *cells)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t from = start_ns + i * width_ns;
        struct resource_summary sum = resource_summarise(series, from, from + width_ns);
        /* not its mean: what one cell has too much the next one lacks */
        cells[i] = sum.known_s >= 0.5e-9 * (double)width_ns ? sum.total / sum.known_s : NAN;
    }
}
