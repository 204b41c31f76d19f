/*
 * Timelines for machines. Its own file beside heap_json.c because they are arrays, where
 * that writes figures.
 */
#include "analyzer/reports/heap_time_json.h"

#include "analyzer/model/heap_trends.h"

#include <math.h>
#include <stdlib.h>

/* What one element of an array is. */
typedef double (*value_at)(const struct profile_heap *heap, size_t moment);

static double live(const struct profile_heap *heap, size_t moment)
{
    return heap->timeline->moments[moment].live.total;
}

static struct interval live_interval(const struct profile_heap *heap, size_t moment)
{
    return estimate_interval(&heap->timeline->moments[moment].live,
                             estimate_missed_bytes(heap->interval));
}

static double live_low(const struct profile_heap *heap, size_t moment)
{
    return live_interval(heap, moment).low;
}

static double live_high(const struct profile_heap *heap, size_t moment)
{
    return live_interval(heap, moment).high;
}

static double alloc_bytes(const struct profile_heap *heap, size_t moment)
{
    double before = moment > 0 ? heap->timeline->moments[moment - 1].allocated_bytes.total : 0;

    return heap->timeline->moments[moment].allocated_bytes.total - before;
}

static double alloc_count(const struct profile_heap *heap, size_t moment)
{
    double before = moment > 0 ? heap->timeline->moments[moment - 1].allocated_count.total : 0;

    return heap->timeline->moments[moment].allocated_count.total - before;
}

static void write_moments(struct json *json, const char *key, const struct profile_heap *heap,
                          value_at value)
{
    json_array_begin(json, key);
    for (size_t i = 0; i < heap->timeline->count; i++)
        json_int(json, NULL, llround(value(heap, i)));
    json_array_end(json);
}

/* `differences`: of each value to the one before. */
static void write_points(struct json *json, const char *key, const double *values, size_t count,
                         bool differences)
{
    json_array_begin(json, key);
    for (size_t i = 0; i < count; i++)
        json_int(json, NULL, llround(values[i] - (differences && i > 0 ? values[i - 1] : 0)));
    json_array_end(json);
}

static void write_threads(struct json *json, const struct profile *profile, uint32_t process)
{
    const struct heap_timeline *timeline = profile->processes[process].heap.timeline;
    size_t points = heap_timeline_points(timeline);
    uint32_t first = 0;

    while (first < profile->thread_count && profile->threads[first].process != process)
        first++;
    json_array_begin(json, "threads");
    for (size_t i = 0; i < timeline->thread_count && first + i < profile->thread_count; i++) {
        json_object_begin(json, NULL);
        json_int(json, "tid", profile->threads[first + i].tid);
        write_points(json, "alloc_bytes", timeline->threads[i].allocated, points, true);
        write_points(json, "live_bytes", timeline->threads[i].live, points, false);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_trend(struct json *json, const struct label *label,
                        const struct heap_trend *trend, size_t points)
{
    json_object_begin(json, NULL);
    json_string(json, "function", label->name);
    json_string(json, "file", label->file);
    json_string(json, "module", label->module);
    json_string(json, "how", heap_trend_name(trend->kind));
    json_int(json, "first_third_bytes", llround(trend->first));
    json_int(json, "last_third_bytes", llround(trend->last));
    json_object_begin(json, "growth_bytes");
    json_int(json, "value", llround(trend->growth));
    json_int(json, "low", llround(fmax(trend->growth - trend->error, 0)));
    json_int(json, "high", llround(trend->growth + trend->error));
    json_object_end(json);
    write_points(json, "live_bytes", trend->live, points, false);
    json_object_end(json);
}

static void write_trends(struct json *json, const struct text_report *report, uint32_t process)
{
    struct heap_trends trends;
    size_t count;

    heap_trends_init(&trends, report->profile, &report->functions.labels, process);
    uint32_t *order = heap_trends_rank(&trends, &count);
    json_array_begin(json, "growing");
    for (size_t i = 0; i < count && i < report->top; i++)
        write_trend(json, &report->functions.labels.items[order[i]], &trends.items[order[i]],
                    trends.points);
    json_array_end(json);
    free(order);
    heap_trends_release(&trends);
}

void heap_time_json(struct json *json, const struct text_report *report, uint32_t process)
{
    const struct profile *profile = report->profile;
    const struct profile_heap *heap = &profile->processes[process].heap;
    const struct heap_timeline *timeline = heap->timeline;
    uint64_t start_ns = profile_start_ns(profile);

    if (timeline == NULL) {
        json_null(json, "timeline");
        return;
    }
    json_object_begin(json, "timeline");
    json_uint(json, "start_after_ns",
              timeline->start_ns > start_ns ? timeline->start_ns - start_ns : 0);
    json_uint(json, "length_ns", heap_timeline_at(timeline, timeline->count - 1));
    json_uint(json, "width_ns", timeline->width_ns);
    json_uint(json, "points_width_ns", timeline->width_ns * TIMELINE_STRIDE);
    if (!heap->part) { /* of the whole process only */
        write_moments(json, "live_bytes", heap, live);
        write_moments(json, "live_bytes_low", heap, live_low);
        write_moments(json, "live_bytes_high", heap, live_high);
        write_moments(json, "alloc_bytes", heap, alloc_bytes);
        write_moments(json, "alloc_count", heap, alloc_count);
        write_threads(json, profile, process);
    }
    write_trends(json, report, process);
    json_object_end(json);
}
