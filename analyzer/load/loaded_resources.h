/*
 * Series of resources of one trace, while it is read: values as they come, restored where the trace
 * tells only that nothing changed.
 *
 * Memory is bounded: of long series every other point is left out, time and again, the one nearer
 * to what is kept; increases of counters stay exact. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_LOADED_RESOURCES_H
#define PROFINJECT_LOAD_LOADED_RESOURCES_H

#include "analyzer/trace/trace_reader.h"
#include "analyzer/util/strings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOADED_POINTS_MOST ((size_t)1 << 16)     /* of a series: 2 hours at 10 Hz */
#define LOADED_POINTS_MOST_ALL ((size_t)1 << 23) /* of all: 128 MiB */
#define LOADED_POINTS_FEW ((size_t)256)          /* so many are left to a series in any case */

enum loaded_point_kind {
    LOADED_VALUE,
    LOADED_LOST, /* from here to the next point the trace is lost: a gauge is not known there */
    LOADED_ENDED /* likewise there were no values: nor is a counter's increase */
};

struct loaded_point {
    uint64_t time_kind; /* time << 2 | enum loaded_point_kind */
    int64_t value;
};

static inline uint64_t loaded_point_ns(const struct loaded_point *point)
{
    return point->time_kind >> 2;
}

static inline enum loaded_point_kind loaded_point_kind(const struct loaded_point *point)
{
    return (enum loaded_point_kind)(point->time_kind & 3);
}

struct loaded_series {
    struct trace_series
        is; /* its texts are interned, NULL: none; name NULL: it was never defined */
    struct loaded_point *points; /* in order of time */
    size_t count, capacity;
    size_t few;       /* as many were left when some were left out last */
    uint64_t lost_ns; /* so far nothing was lost, behind it something; 0: nothing */
    bool ended;       /* there were no values between the last point and the next */
    bool is_fresh;    /* it has points since something was lost last */
};

struct loaded_resources {
    struct loaded_series *series;
    size_t count, capacity;
    size_t points;           /* of all series */
    struct key_table *index; /* by id */
    uint32_t *fresh;         /* numbers of those: no loss goes through all series */
    size_t fresh_count, fresh_capacity;
    bool is_full;      /* of more series than that: later points are left out */
    uint64_t until_ns; /* the last moment there is */
};

void loaded_resources_init(struct loaded_resources *resources);
void loaded_resources_release(struct loaded_resources *resources); /* zeroed ones too */

/* A series is defined, perhaps again. */
void loaded_resources_define(struct loaded_resources *resources, struct strings *strings,
                             const struct trace_series *series);

/* The next point of a series; those that go back in time are left out. */
void loaded_resources_add(struct loaded_resources *resources,
                          const struct trace_series_point *point);

/* Behind the points of a record, which goes so far. */
void loaded_resources_until(struct loaded_resources *resources, uint64_t until_ns);

/* Chunks are missing here. */
void loaded_resources_lost(struct loaded_resources *resources);

#endif
