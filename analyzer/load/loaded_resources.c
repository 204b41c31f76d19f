/*
 * Series of one trace. Its own file because what is restored, and what is left out of long ones,
 * is the same for gauges and counters, which may be defined behind their points.
 */
#include "analyzer/load/loaded_resources.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void loaded_resources_init(struct loaded_resources *resources)
{
    memset(resources, 0, sizeof(*resources));
    resources->index = key_table_new(sizeof(uint64_t));
}

void loaded_resources_release(struct loaded_resources *resources)
{
    for (size_t i = 0; i < resources->count; i++)
        free(resources->series[i].points);
    free(resources->series);
    free(resources->fresh);
    key_table_free(resources->index);
    memset(resources, 0, sizeof(*resources));
}

static struct loaded_series *series_of(struct loaded_resources *resources, uint64_t id)
{
    uint32_t number = key_table_add(resources->index, &id, (uint32_t)resources->count);

    if (number == resources->count) {
        resources->series = memory_grow(resources->series, resources->count, &resources->capacity,
                                        sizeof(*resources->series));
        resources->series[resources->count++] = (struct loaded_series){.is.id = id};
    }
    return &resources->series[number];
}

static const char *text_of(struct strings *strings, const char *text)
{
    return *text != '\0' ? strings_intern(strings, text) : NULL;
}

void loaded_resources_define(struct loaded_resources *resources, struct strings *strings,
                             const struct trace_series *series)
{
    struct loaded_series *found = series_of(resources, series->id);

    if (found->is.reason != NULL && *series->reason == '\0')
        found->ended = true;
    found->is = *series;
    found->is.name = strings_intern(strings, series->name);
    found->is.unit = strings_intern(strings, series->unit);
    found->is.subject = text_of(strings, series->subject);
    found->is.reason = text_of(strings, series->reason);
}

static uint64_t distance(int64_t one, int64_t other)
{
    return one > other ? (uint64_t)one - (uint64_t)other : (uint64_t)other - (uint64_t)one;
}

/* Of each two points that follow each other the one stays whose value is farther from what is
 * kept: of a counter the later one. Points that are no values stay all. */
static size_t thin(struct loaded_series *series)
{
    struct loaded_point *points = series->points;
    size_t kept = 1, before = series->count, i = 1;

    while (i < before) {
        bool pair = i + 1 < before && loaded_point_kind(&points[i]) == LOADED_VALUE &&
                    loaded_point_kind(&points[i + 1]) == LOADED_VALUE;
        int64_t last = points[kept - 1].value;
        bool later = pair && distance(points[i + 1].value, last) >= distance(points[i].value, last);
        points[kept++] = points[later ? i + 1 : i];
        i += pair ? 2 : 1;
    }
    series->count = series->few = kept;
    return before - kept;
}

/* Makes room in all of them; they may be too many for that. */
static void thin_all(struct loaded_resources *resources)
{
    for (size_t i = 0; i < resources->count; i++)
        if (resources->series[i].count > LOADED_POINTS_FEW)
            resources->points -= thin(&resources->series[i]);
    resources->is_full = resources->points >= LOADED_POINTS_MOST_ALL / 8 * 7;
}

static void append(struct loaded_resources *resources, struct loaded_series *series,
                   uint64_t time_ns, enum loaded_point_kind kind, int64_t value)
{
    if (resources->is_full)
        return;
    series->points =
        memory_grow(series->points, series->count, &series->capacity, sizeof(*series->points));
    series->points[series->count++] = (struct loaded_point){time_ns << 2 | kind, value};
    resources->points++;
    if (series->count >= LOADED_POINTS_MOST && series->count / 2 >= series->few)
        resources->points -= thin(series);
    if (resources->points >= LOADED_POINTS_MOST_ALL)
        thin_all(resources);
}

/* What is known of the time since the series' point before. */
static void close_stretch(struct loaded_resources *resources, struct loaded_series *series,
                          const struct trace_series_point *point)
{
    const struct loaded_point last = series->points[series->count - 1];
    uint64_t last_ns = loaded_point_ns(&last);

    uint64_t lost_ns = series->lost_ns > last_ns ? series->lost_ns : last_ns;

    if (series->ended)
        append(resources, series, last_ns + 1, LOADED_ENDED, last.value);
    else if (series->lost_ns != 0)
        append(resources, series, lost_ns < point->time_ns ? lost_ns + 1 : last_ns + 1, LOADED_LOST,
               last.value);
    else if (point->unchanged && point->before_ns > last_ns && point->before_ns < point->time_ns)
        append(resources, series, point->before_ns, LOADED_VALUE, last.value);
}

void loaded_resources_add(struct loaded_resources *resources,
                          const struct trace_series_point *point)
{
    struct loaded_series *series = series_of(resources, point->id);

    if (series->count > 0 &&
        loaded_point_ns(&series->points[series->count - 1]) + 1 >= point->time_ns)
        return;
    if (series->count > 0)
        close_stretch(resources, series, point);
    if (!series->is_fresh) {
        resources->fresh = memory_grow(resources->fresh, resources->fresh_count,
                                       &resources->fresh_capacity, sizeof(*resources->fresh));
        resources->fresh[resources->fresh_count++] = (uint32_t)(series - resources->series);
    }
    series->is_fresh = true;
    series->ended = false;
    series->lost_ns = 0;
    append(resources, series, point->time_ns, LOADED_VALUE, point->value);
}

void loaded_resources_until(struct loaded_resources *resources, uint64_t until_ns)
{
    if (until_ns > resources->until_ns)
        resources->until_ns = until_ns;
}

void loaded_resources_lost(struct loaded_resources *resources)
{
    for (size_t i = 0; i < resources->fresh_count; i++) {
        struct loaded_series *series = &resources->series[resources->fresh[i]];
        series->lost_ns = resources->until_ns;
        series->is_fresh = false;
    }
    resources->fresh_count = 0;
}
