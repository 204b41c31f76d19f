/*
 * Series of resources and their points. Its own file because points are told by moments, which are
 * numbered within their record alone.
 */
#include "analyzer/trace/resources_decoder.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

#define TIME_MAX (1ull << 60) /* nanoseconds: 36 years */
#define DIGITS_MAX 18         /* 10^18 fits 64 bits */

static bool is_known(uint64_t type, uint64_t scope)
{
    return (type == TRACE_RESOURCE_GAUGE || type == TRACE_RESOURCE_COUNTER) &&
           scope >= TRACE_SCOPE_MACHINE && scope <= TRACE_SCOPE_THREAD;
}

bool resources_decode_series(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_series series = {.id = wire_varint(body)};
    uint64_t type = wire_varint(body), scope = wire_varint(body), digits = wire_varint(body);
    uint64_t tid = wire_varint(body);
    struct wire_string name = wire_string(body), unit = wire_string(body);
    struct wire_string subject = wire_string(body), reason = wire_string(body);

    if (body->failed || series.id == 0 || series.id > RESOURCES_SERIES_MAX || tid > INT32_MAX ||
        digits > DIGITS_MAX || name.size == 0 || name.bytes[0] == '\0')
        return false;
    if (!is_known(type, scope)) /* of a later version */
        return true;
    series.type = (enum trace_resource)type;
    series.scope = (enum trace_scope)scope;
    series.digits = (unsigned)digits;
    series.tid = (int32_t)tid;
    series.name = record_decoder_text(decoder, 0, name);
    series.unit = record_decoder_text(decoder, 1, unit);
    series.subject = record_decoder_text(decoder, 2, subject);
    series.reason = record_decoder_text(decoder, 3, reason);
    if (visitor->resource != NULL)
        visitor->resource(visitor->context, &series);
    return true;
}

/* The times of `count` moments; NULL when they cannot be. To be freed. */
static uint64_t *take_moments(struct wire_cursor *body, uint64_t base_ns, uint64_t count)
{
    if (body->failed || base_ns > TIME_MAX || count == 0 || count > RESOURCES_MOMENTS_MAX ||
        count > wire_left(body))
        return NULL;
    uint64_t *times = memory_alloc((size_t)count * sizeof(*times));
    bool sound = true;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t us = wire_varint(body), before = i > 0 ? times[i - 1] : base_ns;
        sound = sound && us <= (TIME_MAX - before) / 1000;
        times[i] = sound ? before + us * 1000 : before;
    }
    if (sound && !body->failed)
        return times;
    free(times);
    return NULL;
}

/* The points of one series. */
struct run {
    uint64_t id, points, multiple;
    bool has_skips, is_second;
    struct wire_cursor skips, values;
};

/* False when there is not what it says. */
static bool take_run(struct wire_cursor *body, struct run *run)
{
    run->id = wire_varint(body);
    uint64_t head = wire_varint(body);
    run->points = head >> 2;
    run->has_skips = head & TRACE_RESOURCES_SKIPS;
    run->is_second = head & TRACE_RESOURCES_SECOND;
    run->multiple = wire_varint(body);
    run->skips = wire_take_column(body, run->has_skips ? run->points : 1);
    run->values = wire_take_column(body, run->points);
    return !body->failed && run->points > 0;
}

static bool is_whole(struct wire_cursor body, uint64_t series)
{
    struct run run;

    for (; series > 0; series--)
        if (!take_run(&body, &run))
            return false;
    return true;
}

struct moments {
    const uint64_t *times_ns;
    size_t count;
};

/* Values are told by their differences, or by how these differ. */
static void tell_points(struct record_decoder *decoder, struct run *run,
                        const struct moments *moments)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_series_point point = {.id = run->id};
    uint64_t value = 0, difference = 0, moment = 0;
    bool sound = run->id > 0 && run->id <= RESOURCES_SERIES_MAX;

    for (uint64_t i = 0; i < run->points; i++) {
        uint64_t skipped = run->has_skips || i == 0 ? wire_varint(&run->skips) : 0;
        uint64_t told = (uint64_t)wire_svarint(&run->values) * (i > 0 ? run->multiple : 1);
        bool is_second = run->is_second && i > 1;
        value += is_second ? difference + told : told;
        difference = is_second ? difference + told : told;
        sound = sound && skipped >> 1 < moments->count - moment;
        if (!sound) {
            decoder->summary->samples_dropped++;
            continue;
        }
        moment += (skipped >> 1) + 1;
        point.time_ns = moments->times_ns[moment - 1];
        point.before_ns = moment > 1 ? moments->times_ns[moment - 2] : 0;
        point.unchanged = skipped & 1 && skipped >> 1 > 0;
        point.value = (int64_t)value;
        if (visitor->resource_point != NULL)
            visitor->resource_point(visitor->context, &point);
    }
}

bool resources_decode_points(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    uint64_t base_ns = wire_varint(body), count = wire_varint(body), series = wire_varint(body);
    uint64_t *times = take_moments(body, base_ns, count);

    if (times == NULL || !is_whole(*body, series)) {
        free(times);
        return false;
    }
    const struct moments moments = {times, (size_t)count};
    for (struct run run; series > 0 && take_run(body, &run); series--)
        tell_points(decoder, &run, &moments);
    if (visitor->resource_until != NULL)
        visitor->resource_until(visitor->context, times[count - 1]);
    free(times);
    return true;
}
