/*
 * Waits of many traces as one.
 */
#ifndef PROFINJECT_LOAD_MERGE_WAITS_H
#define PROFINJECT_LOAD_MERGE_WAITS_H

#include "analyzer/load/raw_stacks.h"
#include "analyzer/load/trace_loader.h"

/* Where the trace's threads, raw stacks and regions are in the profile. */
struct merged_trace {
    uint32_t process, first_thread;
    const struct raw_stacks *stacks;
    const uint32_t *regions; /* by the trace's ids */
};

/* Adds what the trace knows of waits to the profile. */
void merge_waits(struct profile *profile, const struct loaded_trace *trace,
                 const struct merged_trace *merged);

#endif
