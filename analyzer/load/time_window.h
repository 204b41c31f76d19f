/*
 * A part of the run, as --time names it: seconds from the recording's start, and what
 * that is on the clock of the traces. Plain values.
 */
#ifndef PROFINJECT_LOAD_TIME_WINDOW_H
#define PROFINJECT_LOAD_TIME_WINDOW_H

#include "analyzer/util/problem.h"

#include <stdbool.h>
#include <stdint.h>

/* from <= time < to, ns of CLOCK_MONOTONIC. */
struct time_window {
    uint64_t from_ns, to_ns; /* 0, UINT64_MAX: the whole run */
};

#define TIME_WINDOW_WHOLE ((struct time_window){0, UINT64_MAX})

/* Seconds from the start; `to` may be infinite. All 0: nothing was asked for. */
struct time_span {
    double from_s, to_s;
};

/* Reads "A:B", either of which may be left out. PROBLEM_USAGE when it is not that. */
int time_span_parse(struct time_span *span, const char *text, struct problem *problem);

static inline bool time_span_given(const struct time_span *span)
{
    return span->to_s > 0;
}

/* The span in a recording that began at `start_ns`. */
struct time_window time_window_of(const struct time_span *span, uint64_t start_ns);

static inline bool time_window_whole(const struct time_window *window)
{
    return window->from_ns == 0 && window->to_ns == UINT64_MAX;
}

static inline bool time_window_holds(const struct time_window *window, uint64_t time_ns)
{
    return time_ns >= window->from_ns && time_ns < window->to_ns;
}

/* How much of the `length_ns` before `end_ns` lies inside. */
uint64_t time_window_overlap(const struct time_window *window, uint64_t end_ns, uint64_t length_ns);

#endif
