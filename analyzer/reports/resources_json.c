/*
 * Resources for machines. Its own file because two outputs have them, in full: all points there
 * are.
 */
#include "analyzer/reports/resources_json.h"

#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

static void write_owner(struct json *json, const struct profile *profile,
                        const struct resource_series *series)
{
    json_string(json, "scope", resource_scope_name(series->scope));
    if (series->process != RESOURCE_NOBODY)
        json_int(json, "pid", profile->processes[series->process].pid);
    else
        json_null(json, "pid");
    if (series->thread != RESOURCE_NOBODY)
        json_int(json, "tid", profile->threads[series->thread].tid);
    else
        json_null(json, "tid");
    json_string(json, "recording", series->recording);
}

static void write_summary(struct json *json, const struct resource_series *series)
{
    struct resource_summary sum = resource_summarise(series, 0, UINT64_MAX);

    if (sum.known_s <= 0) {
        json_null(json, "summary");
        return;
    }
    json_object_begin(json, "summary");
    json_double(json, "known_seconds", sum.known_s);
    json_double(json, "mean", sum.mean);
    json_double(json, "least", sum.least);
    json_double(json, "most", sum.most);
    json_double(json, "last", sum.last);
    if (series->is_rate)
        json_double(json, "total", sum.total);
    else
        json_null(json, "total");
    json_object_end(json);
}

static void write_points(struct json *json, const struct resource_series *series)
{
    int64_t *times = memory_alloc((series->count + 1) * sizeof(*times));

    for (size_t i = 0; i < series->count; i++)
        times[i] = (int64_t)series->points[i].time_ns;
    json_column(json, "time_ns", times, series->count);
    free(times);
    json_array_begin(json, "value");
    for (size_t i = 0; i < series->count; i++)
        json_double(json, NULL, series->points[i].value);
    json_array_end(json);
}

void resources_json(struct json *json, const struct profile *profile)
{
    json_array_begin(json, "resources");
    for (size_t i = 0; i < profile->resources.count; i++) {
        const struct resource_series *series = &profile->resources.series[i];
        json_object_begin(json, NULL);
        json_string(json, "name", series->name);
        json_string(json, "subject", series->subject);
        json_string(json, "unit", series->unit);
        json_string(json, "kind", series->is_rate ? "rate" : "gauge");
        write_owner(json, profile, series);
        json_string(json, "unavailable", series->reason);
        write_summary(json, series);
        write_points(json, series);
        json_object_end(json);
    }
    json_array_end(json);
}
