/*
 * Points of resources. Its own file because it is arithmetic that anybody can check: what a counter
 * did in a time, and what of that lies in a window.
 */
#include "analyzer/load/resource_points.h"

#include <math.h>
#include <string.h>

/* Collectors look at everything at least once a second: what has no point for longer than that at
 * the end of a trace did not change. */
#define STILL_NS 1200000000ull

static bool lasts(const struct loaded_series *from)
{
    return from->is.reason == NULL && from->lost_ns == 0;
}

static uint64_t last_ns(const struct resource_series *series)
{
    return series->points[series->count - 1].time_ns;
}

static void add(struct resource_series *series, uint64_t time_ns, double value)
{
    if (series->count == 0 || time_ns > last_ns(series))
        resource_series_add(series, time_ns, value);
}

/* Increase per second, NAN when it did not grow. */
static double rate(const struct loaded_point *before, const struct loaded_point *point, double unit)
{
    int64_t increase;

    if (__builtin_sub_overflow(point->value, before->value, &increase) || increase < 0)
        return NAN;
    double seconds = (double)(loaded_point_ns(point) - loaded_point_ns(before)) * 1e-9;
    return (double)increase / unit / seconds;
}

static void pour_counter(struct resource_series *series, const struct loaded_series *from,
                         double unit, uint64_t end_ns)
{
    const struct loaded_point *before = NULL;

    for (size_t i = 0; i < from->count; i++) {
        const struct loaded_point *point = &from->points[i];
        switch (loaded_point_kind(point)) {
        case LOADED_LOST: /* the mean of that time is known */
            continue;
        case LOADED_ENDED:
            before = NULL;
            continue;
        case LOADED_VALUE:
            add(series, loaded_point_ns(point), before != NULL ? rate(before, point, unit) : NAN);
            before = point;
        }
    }
    if (before != NULL && lasts(from) && end_ns > last_ns(series) + STILL_NS)
        add(series, end_ns, 0);
}

static void pour_gauge(struct resource_series *series, const struct loaded_series *from,
                       double unit, uint64_t end_ns)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct loaded_point *point = &from->points[i];
        bool known = loaded_point_kind(point) == LOADED_VALUE;
        add(series, loaded_point_ns(point), known ? (double)point->value / unit : NAN);
    }
    if (series->count > 0 && lasts(from))
        add(series, end_ns, series->points[series->count - 1].value);
}

void resource_points_pour(struct resource_series *series, const struct loaded_series *from,
                          uint64_t end_ns)
{
    double unit = pow(10, from->is.digits);

    if (from->count == 0)
        return;
    if (series->count > 0 && loaded_point_ns(&from->points[0]) > last_ns(series) + 1)
        add(series, last_ns(series) + 1, NAN);
    if (series->is_rate)
        pour_counter(series, from, unit, end_ns);
    else
        pour_gauge(series, from, unit, end_ns);
}

/* Number of the first point at or behind `time_ns`. */
static size_t find(const struct resource_series *series, uint64_t time_ns)
{
    size_t i = 0;

    while (i < series->count && series->points[i].time_ns < time_ns)
        i++;
    return i;
}

/* What holds at the beginning of the window begins there. */
static void cut_before(struct resource_series *series, uint64_t from_ns)
{
    size_t first = find(series, from_ns + 1);

    if (first == series->count) {
        series->count = 0;
        return;
    }
    if (first == 0)
        return;
    first--;
    series->points[first].time_ns = from_ns;
    if (series->is_rate)
        series->points[first].value = NAN;
    series->count -= first;
    memmove(series->points, series->points + first, series->count * sizeof(*series->points));
}

static void cut_behind(struct resource_series *series, uint64_t to_ns)
{
    size_t end = find(series, to_ns);

    if (end == 0)
        series->count = 0;
    if (end == 0 || end == series->count)
        return;
    struct resource_point *last = &series->points[end];
    last->time_ns = to_ns;
    if (!series->is_rate)
        last->value = series->points[end - 1].value;
    series->count = end + 1;
}

void resource_points_crop(struct resource_series *series, const struct time_window *window)
{
    if (window->from_ns > 0)
        cut_before(series, window->from_ns);
    if (window->to_ns < UINT64_MAX && series->count > 0)
        cut_behind(series, window->to_ns);
}
