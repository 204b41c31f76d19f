/*
 * Growth over time. Its own file beside heap_functions.c because it is of one process:
 * several have no time in common.
 */
#include "analyzer/model/heap_trends.h"

#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

#define Z_95 1.959963984540054
#define SHARE_LEAST 0.2     /* of the growth, in each half of a steady one */
#define GROWTH_LEAST 4096.0 /* bytes; and of the process's peak: */
#define GROWTH_SHARE 0.001

/* Means of the points from `first` to before `end`. */
static double mean(const double *values, size_t first, size_t end)
{
    double sum = 0;

    for (size_t i = first; i < end; i++)
        sum += values[i];
    return sum / (double)(end - first);
}

/* What went back by the end is no growth. The error of a difference is at most that of two independent ones: what is live in both
 * thirds makes no error at all. */
static void judge(struct heap_trend *trend, const double *second, size_t points, double least)
{
    size_t third = points / 3;

    trend->first = mean(trend->live, 0, third);
    trend->middle = mean(trend->live, third, points - third);
    trend->last = mean(trend->live, points - third, points);
    trend->growth = trend->last - trend->first;
    trend->error = Z_95 * sqrt(mean(second, 0, third) + mean(second, points - third, points));
    if (trend->growth <= trend->error || trend->growth < least ||
        trend->live[points - 1] < trend->first + SHARE_LEAST * trend->growth)
        return;
    double before = (trend->middle - trend->first) / trend->growth;
    trend->kind = before < SHARE_LEAST       ? TREND_LATE
                  : before > 1 - SHARE_LEAST ? TREND_EARLY
                                             : TREND_STEADY;
}

static void add_rows(struct heap_trends *trends, const struct profile *profile,
                     const struct labels *labels, uint32_t process, double *second)
{
    const struct heap_timeline *timeline = profile->processes[process].heap.timeline;

    for (size_t i = 0; i < profile->heap_site_count; i++) {
        const struct profile_heap_site *site = &profile->heap_sites[i];
        if (profile->threads[site->thread].process != process || site->stack == STACK_NONE)
            continue;
        uint32_t label = labels->of_frame[profile->stacks[site->stack].frame];
        for (size_t p = 0; p < trends->points; p++) {
            const struct timeline_site at = heap_timeline_site(timeline, site->number, p);
            trends->items[label].live[p] += at.live;
            second[label * TIMELINE_POINTS + p] += at.second;
        }
    }
}

void heap_trends_init(struct heap_trends *trends, const struct profile *profile,
                      const struct labels *labels, uint32_t process)
{
    const struct profile_heap *heap = &profile->processes[process].heap;
    const struct heap_timeline *timeline = heap->timeline;
    double least = fmax(GROWTH_LEAST, GROWTH_SHARE * heap->peak.bytes.total);

    *trends = (struct heap_trends){.count = labels->count};
    trends->items = memory_alloc((labels->count + 1) * sizeof(*trends->items));
    if (timeline == NULL)
        return;
    double *second = memory_alloc((labels->count + 1) * TIMELINE_POINTS * sizeof(*second));
    trends->points = heap_timeline_points(timeline);
    size_t apart = trends->points - trends->points / 3;
    trends->apart_s = (double)(apart * TIMELINE_STRIDE * timeline->width_ns) / 1e9;
    add_rows(trends, profile, labels, process, second);
    for (size_t i = 0; i < labels->count && trends->points >= HEAP_TREND_POINTS; i++)
        judge(&trends->items[i], second + i * TIMELINE_POINTS, trends->points, least);
    free(second);
}

void heap_trends_release(struct heap_trends *trends)
{
    free(trends->items);
}

struct ranked {
    double growth;
    uint32_t label;
};

static int compare(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;

    if (left->growth != right->growth)
        return left->growth > right->growth ? -1 : 1;
    return (left->label > right->label) - (left->label < right->label);
}

uint32_t *heap_trends_rank(const struct heap_trends *trends, size_t *count)
{
    struct ranked *order = memory_alloc((trends->count + 1) * sizeof(*order));
    uint32_t *labels = memory_alloc((trends->count + 1) * sizeof(*labels));

    *count = 0;
    for (size_t i = 0; i < trends->count; i++)
        if (trends->items[i].kind != TREND_NONE)
            order[(*count)++] = (struct ranked){trends->items[i].growth, (uint32_t)i};
    qsort(order, *count, sizeof(*order), compare);
    for (size_t i = 0; i < *count; i++)
        labels[i] = order[i].label;
    free(order);
    return labels;
}

const char *heap_trend_name(enum heap_trend_kind kind)
{
    static const char *const names[] = {"none", "steady", "early", "late"};

    return names[kind];
}
