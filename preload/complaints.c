/*
 * Losses in words. Its own file because each source of them knows its own, and whoever
 * ends the trace need not know the sources.
 */
#include "preload/complaints.h"

#include "preload/clock_perf.h"
#include "preload/counters.h"
#include "preload/hardware_counters.h"
#include "preload/heap_exact.h"
#include "preload/regions.h"

#include <stdio.h>
#include <unistd.h>

/* Threads that were not sampled must not look like threads that did nothing. */
static void tell_lost_threads(const struct recording *recording, uint64_t lost)
{
    char line[160];
    if (!lost)
        return;
    snprintf(line, sizeof line,
             "process %d: %llu threads were not sampled: no room or no timer for them "
             "(ulimit -i limits timers)",
             (int)getpid(), (unsigned long long)lost);
    recording_message(recording, line);
}

void complaints_tell(const struct recording *recording, const struct ring_file *ring)
{
    char what[240], line[300];
    bool (*const complaints[])(char *, size_t) = {regions_complaint, counters_complaint,
                                                  hardware_counters_complaint, clock_perf_complaint,
                                                  heap_exact_complaint};
    tell_lost_threads(recording, ring->lost_threads);
    for (size_t i = 0; i < sizeof complaints / sizeof complaints[0]; i++) {
        if (!complaints[i](what, sizeof what))
            continue;
        snprintf(line, sizeof line, "process %d: %s", (int)getpid(), what);
        recording_message(recording, line);
    }
}
