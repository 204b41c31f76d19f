/*
 * What limits a program, as values: insight/ makes them (bottleneck.h, scores.h), reports show them.
 *
 * Thread time, of threads that are not idle (time_shares.h), is divided among the classes, and what
 * belongs to none: sleeping, waiting for work or other processes, blocked where nobody saw it, ready
 * to run while other programs had the processors. A class is the verdict when its part is the largest
 * and at least BOTTLENECK_LEAST (of all but the last of these): with less, most of the run would take
 * as long without it. Otherwise the program is balanced. A judgement owns its texts; the profile must
 * outlive it. Read only.
 */
#ifndef PROFINJECT_MODEL_JUDGEMENT_H
#define PROFINJECT_MODEL_JUDGEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOTTLENECK_LEAST 0.40

enum bottleneck {
    BOTTLENECK_CPU,
    BOTTLENECK_MEMORY,
    BOTTLENECK_IO,
    BOTTLENECK_NETWORK,
    BOTTLENECK_GPU,
    BOTTLENECK_CONTENTION,
    BOTTLENECK_ALLOCATOR,
    BOTTLENECK_THROTTLED,
    BOTTLENECK_CLASSES,                       /* those above limit a program; these do not: */
    BOTTLENECK_BALANCED = BOTTLENECK_CLASSES, /* nothing has BOTTLENECK_LEAST of thread time */
    BOTTLENECK_UNKNOWN,                       /* "insufficient data" */
    BOTTLENECK_NAMES
};

/* "cpu", "memory", "i/o", ... "balanced", "insufficient data": in JSON as well. */
const char *bottleneck_name(enum bottleneck bottleneck);
/* "CPU-bound", "held up by memory", ...: how a sentence begins. */
const char *bottleneck_title(enum bottleneck bottleneck);

struct judged_class {
    bool known;
    double strength; /* its part of thread time, 0 to 1 */
    char *evidence;  /* what was measured, with figures; why not, where it is not known */
};

enum score { SCORE_CPU, SCORE_MEMORY, SCORE_IO, SCORES };

/* "cpu", "memory", "io"; and how it is worked out. */
const char *score_name(enum score score);
const char *score_formula(enum score score);

struct judged_score {
    bool known;
    double value; /* 0 to 100 */
    char *inputs; /* the figures it follows from; why not, where it is not known */
};

/* How threads are ranked; idle: in waits for work, as time_shares.h says. */
extern const char thread_efficiency_formula[];

struct judged_thread {
    uint32_t thread;   /* of the profile */
    bool known;        /* it had something to do for long enough to tell */
    double efficiency; /* 0 to 1 */
    double cpu_ns, wall_ns, idle_ns;
};

struct judgement {
    enum bottleneck verdict;
    enum bottleneck runner_up; /* the next class; BOTTLENECK_UNKNOWN: none has any part */
    char *text;                /* why this verdict, with figures */
    struct judged_class classes[BOTTLENECK_CLASSES];
    struct judged_score scores[SCORES];
    struct judged_thread *threads; /* most efficient first, those not known last */
    size_t thread_count;
};

void judgement_release(struct judgement *judgement); /* of all 0 too */

#endif
