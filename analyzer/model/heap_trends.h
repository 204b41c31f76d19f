/*
 * Functions whose live memory grew while the process ran: the first third of the run
 * against the last one, so that a leak is seen before the run ends.
 *
 * Read only once made; owns its memory.
 */
#ifndef PROFINJECT_MODEL_HEAP_TRENDS_H
#define PROFINJECT_MODEL_HEAP_TRENDS_H

#include "analyzer/model/labels.h"

#define HEAP_TREND_POINTS 6 /* fewer say nothing: two to a third */

enum heap_trend_kind {
    TREND_NONE,   /* it did not grow, by no more than chance does, or it went back */
    TREND_STEADY, /* in both halves of the way from the first third to the last */
    TREND_EARLY,  /* then it kept */
    TREND_LATE,   /* it had been flat before */
};

/* Bytes of blocks that a function itself allocated and that were live. */
struct heap_trend {
    double live[TIMELINE_POINTS]; /* by points of the process's timeline */
    double first, middle, last;   /* means of each third */
    double growth, error;         /* last - first; half of its 95 % interval, at most */
    enum heap_trend_kind kind;
};

struct heap_trends {
    struct heap_trend *items; /* one per label, in their order */
    size_t count, points;     /* points: how many of each `live` are there */
    double apart_s;           /* seconds between the middles of the first and the last third */
};

/* Of process number `process`; points is 0 where it has no timeline. */
void heap_trends_init(struct heap_trends *trends, const struct profile *profile,
                      const struct labels *labels, uint32_t process);
void heap_trends_release(struct heap_trends *trends);

/* Labels that grew, by falling growth; *count of them; free(). */
uint32_t *heap_trends_rank(const struct heap_trends *trends, size_t *count);

const char *heap_trend_name(enum heap_trend_kind kind); /* "steady" */

#endif
