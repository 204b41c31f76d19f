/*
 * What was allocated when, by place: the parts of which METRIC_ALLOC_BYTES is the sum. Only there when
 * asked for (load_options.allocations). Those of one place in one slice of time are one, so that
 * memory does not grow with allocations. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_ALLOCATIONS_H
#define PROFINJECT_MODEL_ALLOCATIONS_H

#include "analyzer/model/entries.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct profile_allocation {
    uint64_t time_ns;           /* CLOCK_MONOTONIC: of the last of them, */
    uint64_t span_ns;           /* and the first was so long before */
    double bytes;               /* as estimated; where realloc made a block larger, by how much */
    struct profile_place place; /* numbers of the profile */
};

struct allocations {
    struct profile_allocation *items; /* of each process in order of time */
    size_t count, capacity;
};

void allocations_add(struct allocations *allocations, const struct profile_allocation *allocation);
void allocations_release(struct allocations *allocations);

/* Leaves out those of which keep() is false. */
void allocations_keep(struct allocations *allocations,
                      bool (*keep)(const void *context, const struct profile_place *place),
                      const void *context);

#endif
