/*
 * Makes records about resources for tests: an encoder of its own, as trace_maker.h, from the
 * specification alone. Header only.
 */
#ifndef PROFINJECT_TESTS_RESOURCE_MAKER_H
#define PROFINJECT_TESTS_RESOURCE_MAKER_H

#include "tests/unit/trace_maker.h"

enum { MADE_GAUGE = 1, MADE_COUNTER = 2 };
enum { MADE_MACHINE = 1, MADE_PROCESS = 2, MADE_THREAD = 3 };

struct made_series {
    uint64_t id;
    unsigned type, scope, digits;
    uint64_t tid;
    const char *name, *unit, *subject, *reason; /* NULL: empty */
};

static inline void put_text(struct bytes *body, const char *text)
{
    put_string(body, text, text != NULL ? strlen(text) : 0);
}

static inline void make_series(struct bytes *payload, struct made_series series)
{
    struct bytes body = {0};

    put_varint(&body, series.id);
    put_varint(&body, series.type);
    put_varint(&body, series.scope);
    put_varint(&body, series.digits);
    put_varint(&body, series.tid);
    put_text(&body, series.name);
    put_text(&body, series.unit);
    put_text(&body, series.subject);
    put_text(&body, series.reason);
    put_record(payload, 32, &body);
}

struct made_point {
    uint64_t skipped;
    int unchanged;
    int64_t value;
};

/* `step_us` apart, the first at `base_ns`. */
static inline void put_moments(struct bytes *body, uint64_t base_ns, uint64_t count,
                               uint64_t step_us, uint64_t series)
{
    put_varint(body, base_ns);
    put_varint(body, count);
    put_varint(body, series);
    for (uint64_t i = 0; i < count; i++)
        put_varint(body, i > 0 ? step_us : 0);
}

/* Plain differences, skips always told. */
static inline void put_points(struct bytes *body, uint64_t id, const struct made_point *points,
                              size_t count)
{
    put_varint(body, id);
    put_varint(body, count * 4 + 2);
    put_varint(body, 1);
    for (size_t i = 0; i < count; i++)
        put_varint(body, points[i].skipped * 2 + (points[i].unchanged != 0));
    for (size_t i = 0; i < count; i++) /* modulo 2^64 */
        put_svarint(body, (int64_t)((uint64_t)points[i].value -
                                    (i > 0 ? (uint64_t)points[i - 1].value : 0)));
}

/* A record with one series that has a point at each of `count` moments. */
static inline void make_points(struct bytes *payload, uint64_t id, uint64_t base_ns,
                               uint64_t step_us, const int64_t *values, size_t count)
{
    struct bytes body = {0};

    put_moments(&body, base_ns, count, step_us, 1);
    put_varint(&body, id);
    put_varint(&body, count * 4);
    put_varint(&body, 1);
    put_varint(&body, 0);
    for (size_t i = 0; i < count; i++)
        put_svarint(&body, values[i] - (i > 0 ? values[i - 1] : 0));
    put_record(payload, 33, &body);
}

#endif
