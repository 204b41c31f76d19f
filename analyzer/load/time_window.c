/*
 * Parts of a run. Its own file because an option, the traces and the reports each mean
 * another clock by a time.
 */
#include "analyzer/load/time_window.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A number of seconds that ends where `end` says, or nothing: then `missing`. */
static bool read_seconds(const char *text, const char *end, double missing, double *seconds)
{
    char *stop;

    *seconds = missing;
    if (text == end)
        return true;
    if ((*text < '0' || *text > '9') && *text != '.')
        return false;
    *seconds = strtod(text, &stop);
    return stop == end && isfinite(*seconds);
}

int time_span_parse(struct time_span *span, const char *text, struct problem *problem)
{
    const char *colon = strchr(text, ':');

    if (colon != NULL && text[1] != '\0' && read_seconds(text, colon, 0, &span->from_s) &&
        read_seconds(colon + 1, text + strlen(text), INFINITY, &span->to_s) &&
        span->from_s < span->to_s)
        return 0;
    return problem_set(problem, PROBLEM_USAGE,
                       "--time '%s': allowed: A:B, seconds from the start, A below B, either may "
                       "be left out",
                       text);
}

/* Saturates: nothing that was recorded is later. */
static uint64_t after(uint64_t start_ns, double seconds)
{
    double nanoseconds = seconds * 1e9;

    return nanoseconds < 0x1p62 ? start_ns + (uint64_t)llround(nanoseconds) : UINT64_MAX;
}

struct time_window time_window_of(const struct time_span *span, uint64_t start_ns)
{
    struct time_window window = TIME_WINDOW_WHOLE;

    if (!time_span_given(span))
        return window;
    if (span->from_s > 0)
        window.from_ns = after(start_ns, span->from_s);
    window.to_ns = after(start_ns, span->to_s);
    return window;
}

uint64_t time_window_overlap(const struct time_window *window, uint64_t end_ns, uint64_t length_ns)
{
    uint64_t begin_ns = length_ns < end_ns ? end_ns - length_ns : 0;

    if (begin_ns < window->from_ns)
        begin_ns = window->from_ns;
    if (end_ns > window->to_ns)
        end_ns = window->to_ns;
    return end_ns > begin_ns ? end_ns - begin_ns : 0;
}
