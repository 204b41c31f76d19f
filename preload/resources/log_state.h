/*
 * What resource_log.c, which is filled, and resource_encode.c, which writes, have in common.
 * Nobody else looks in here.
 */
#ifndef PROFINJECT_RESOURCES_LOG_STATE_H
#define PROFINJECT_RESOURCES_LOG_STATE_H

#include "preload/resources/resource_log.h"

/* An id's place is id modulo this: ids are not used again, places are. */
#define LOG_SERIES 16384u
#define LOG_POINTS 65536u
#define LOG_MOMENTS 2048u
#define LOG_SUBJECT 64u
#define LOG_REASON 96u

/* A chain per series, from the first: 0 is none, others are one more than the index. */
struct log_point {
    uint32_t next;
    uint32_t moment : 31;   /* index */
    uint32_t unchanged : 1; /* until the moment before */
    int64_t value;
};

struct log_series {
    uint32_t id; /* 0: the place is free */
    int tid;
    uint32_t first, last; /* points that wait */
    uint32_t same_until;  /* index of the last moment it is known to be as `value` at, and one */
    uint16_t resource;
    bool known; /* it has a value */
    bool gone;  /* ended, and free when that is written */
    bool has_reason;
    bool changed;   /* its definition, since that was written */
    uint64_t epoch; /* in which it was defined, 0: in none */
    int64_t value;
};

struct log_text {
    char subject[LOG_SUBJECT], reason[LOG_REASON];
};

struct resource_log {
    struct log_series *series; /* LOG_SERIES, the memory's first */
    struct log_text *texts;    /* likewise; touched by those that have any */
    struct log_point *points;
    uint64_t *moments;
    uint32_t next_id, places; /* places ever used */
    uint32_t used;            /* places that are not free now */
    uint32_t point_count, moment_count;
    uint32_t carried; /* 1: the first moment is the last that was written */
    uint64_t begun_ns, lost, epoch;
    bool wanted;
};

void resource_log_put_point(struct resource_log *log, struct log_series *series, uint32_t moment,
                            bool unchanged, int64_t value);

/* The bit of a point at moment `now` tells of the one before alone. Where nobody looked then, the
 * last look that found the old value gets a point, or what was counted since would seem to have
 * come all the time, and a gauge to have gone there all the time. */
void resource_log_tell_same(struct resource_log *log, struct log_series *series, uint32_t now);

/* Of id 0, and of what has ended, NULL. */
struct log_series *resource_log_find(struct resource_log *log, uint32_t id);

#endif
