/*
 * The log as records of the trace. Its own file because only this knows the wire.
 *
 * A series' values are small multiples of something (pages, ticks, microseconds) once the one
 * before is taken off, and counters grow steadily: their differences' differences are smaller.
 * Which is, is told per series and record.
 */
#include "preload/contract/drain_encode.h"
#include "preload/resources/log_state.h"

#include <string.h>

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static size_t varint_size(uint64_t value)
{
    return value ? (size_t)(63 - __builtin_clzll(value)) / 7 + 1 : 1;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static int64_t less(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* How a series is told. */
struct plan {
    uint32_t points;
    uint64_t multiple;
    bool skips, second;
};

static const struct log_point *point_at(const struct resource_log *log, uint32_t index)
{
    return index ? &log->points[index - 1] : NULL;
}

/* What its differences have in common. */
static struct plan plan_multiple(const struct resource_log *log, const struct log_series *series)
{
    struct plan plan = {0};
    const struct log_point *before = NULL, *point = point_at(log, series->first);
    for (; point; before = point, point = point_at(log, point->next)) {
        plan.points++;
        if (!before)
            continue;
        uint64_t difference = magnitude(less(point->value, before->value));
        if (!plan.multiple || difference % plan.multiple)
            plan.multiple = gcd(difference, plan.multiple);
        plan.skips |= point->moment != before->moment + 1;
    }
    plan.multiple += !plan.multiple;
    return plan;
}

static void plan_order(const struct resource_log *log, const struct log_series *series,
                       struct plan *plan)
{
    size_t sizes[2] = {0};
    int64_t slope = 0;
    bool any = false;
    const struct log_point *before = point_at(log, series->first);
    for (const struct log_point *point = point_at(log, before->next); point;
         before = point, point = point_at(log, point->next)) {
        int64_t difference = less(point->value, before->value) / (int64_t)plan->multiple;
        sizes[0] += varint_size(trace_zigzag(difference));
        sizes[1] += varint_size(trace_zigzag(any ? less(difference, slope) : difference));
        slope = difference;
        any = true;
    }
    plan->second = sizes[1] < sizes[0];
}

static void put_skips(const struct resource_log *log, const struct log_series *series, bool all,
                      struct buffer *body)
{
    const struct log_point *point = point_at(log, series->first);
    uint32_t next = 0;
    for (bool first = true; point && (first || all); point = point_at(log, point->next)) {
        uint32_t skipped = point->moment - next;
        buffer_varint(body, (uint64_t)skipped << 1 | (skipped && point->unchanged));
        next = point->moment + 1;
        first = false;
    }
}

static void put_values(const struct resource_log *log, const struct log_series *series,
                       const struct plan *plan, struct buffer *body)
{
    const struct log_point *before = point_at(log, series->first);
    int64_t slope = 0;
    buffer_svarint(body, before->value);
    for (const struct log_point *point = point_at(log, before->next); point;
         before = point, point = point_at(log, point->next)) {
        int64_t difference = less(point->value, before->value) / (int64_t)plan->multiple;
        buffer_svarint(body, less(difference, slope));
        slope = plan->second ? difference : 0;
    }
}

static void put_series(const struct resource_log *log, const struct log_series *series,
                       struct buffer *body)
{
    struct plan plan = plan_multiple(log, series);
    plan_order(log, series, &plan);
    buffer_varint(body, series->id);
    buffer_varint(body, (uint64_t)plan.points << 2 | (plan.skips ? TRACE_RESOURCES_SKIPS : 0) |
                            (plan.second ? TRACE_RESOURCES_SECOND : 0));
    buffer_varint(body, plan.multiple);
    put_skips(log, series, plan.skips, body);
    put_values(log, series, &plan, body);
}

static uint32_t put_definition(const struct resource_log *log, const struct log_series *series,
                               struct buffer *to, struct buffer *body)
{
    const struct resource_info *info = resource_info(series->resource);
    const struct log_text *text = &log->texts[series->id % LOG_SERIES];
    const char *reason = series->has_reason ? text->reason : "";
    buffer_clear(body);
    buffer_varint(body, series->id);
    buffer_varint(body, info->type);
    buffer_varint(body, info->scope);
    buffer_varint(body, info->digits);
    buffer_varint(body, (uint64_t)series->tid);
    buffer_string(body, info->name, strlen(info->name));
    buffer_string(body, info->unit, strlen(info->unit));
    buffer_string(body, text->subject, strlen(text->subject));
    buffer_string(body, reason, strlen(reason));
    return encode_record(to, TRACE_RESOURCE, body);
}

/* Those that are, or have, or lack something that is worth telling. */
static uint32_t put_definitions(struct resource_log *log, uint64_t epoch, struct buffer *to,
                                struct buffer *body)
{
    uint32_t records = 0;
    for (uint32_t place = 0; place < log->places; place++) {
        struct log_series *series = &log->series[place];
        bool used = series->known || series->first || series->has_reason || series->changed;
        if (!series->id || !used || (series->epoch == epoch && !series->changed))
            continue;
        records += put_definition(log, series, to, body);
        series->epoch = epoch;
    }
    return records;
}

/* Of those that did not change for long: a trace that lost its beginning has their values again,
 * and one that ends, how long they were so. */
static void add_same(struct resource_log *log)
{
    const uint32_t now = log->moment_count - 1;
    for (uint32_t place = 0; place < log->places && log->point_count < LOG_POINTS; place++) {
        struct log_series *series = &log->series[place];
        bool has = series->last && log->points[series->last - 1].moment == now;
        if (!series->id || series->gone || !series->known || has ||
            series->same_until != log->moment_count)
            continue;
        resource_log_put_point(log, series, now, true, series->value);
    }
}

/* What was not looked at by the last moment: the next record does not know when it was. */
static void add_seen(struct resource_log *log)
{
    for (uint32_t place = 0; place < log->places && log->moment_count; place++)
        if (log->series[place].id)
            resource_log_tell_same(log, &log->series[place], log->moment_count);
}

static void put_moments(const struct resource_log *log, uint32_t series, struct buffer *body)
{
    uint64_t last = log->moments[0] / 1000;
    buffer_clear(body);
    buffer_varint(body, last * 1000);
    buffer_varint(body, log->moment_count);
    buffer_varint(body, series);
    for (uint32_t i = 0; i < log->moment_count; i++)
        encode_time(body, &last, log->moments[i], 1000);
}

static uint32_t count_series(const struct resource_log *log)
{
    uint32_t count = 0;
    for (uint32_t place = 0; place < log->places; place++)
        count += log->series[place].id && log->series[place].first;
    return count;
}

uint32_t resource_log_encode(struct resource_log *log, uint64_t epoch, bool last, struct buffer *to,
                             struct buffer *body, uint64_t *first_ns, uint64_t *last_ns)
{
    *first_ns = *last_ns = 0;
    if (log->moment_count && (last || (log->epoch && log->epoch != epoch)))
        add_same(log);
    add_seen(log);
    log->epoch = epoch;
    uint32_t records = put_definitions(log, epoch, to, body), count = count_series(log);
    if (!count)
        return records;
    put_moments(log, count, body);
    for (uint32_t place = 0; place < log->places; place++) {
        const struct log_series *series = &log->series[place];
        if (series->id && series->first)
            put_series(log, series, body);
    }
    *first_ns = log->moments[0];
    *last_ns = log->moments[log->moment_count - 1];
    return records + encode_record(to, TRACE_RESOURCES, body);
}
