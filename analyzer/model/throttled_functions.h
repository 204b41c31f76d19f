/*
 * Which functions ran slowed down: CPU time of every function itself, how much of it was on throttled
 * processors, and how fast those were. From profile->samples; see throttle.h.
 *
 * Owns its memory; read only once made. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_THROTTLED_FUNCTIONS_H
#define PROFINJECT_MODEL_THROTTLED_FUNCTIONS_H

#include "analyzer/model/labels.h"
#include "analyzer/model/profile.h"

struct throttled_sum {
    uint64_t cpu_ns, throttled_ns;
    uint64_t unknown_ns;         /* of cpu_ns: nothing tells whether it was */
    uint64_t guessed_ns;         /* of cpu_ns: the mean of all processors was taken */
    double mhz, mhz_throttled;   /* means over the time of which they are known; NAN: none */
    double known_s, throttled_s; /* that time */
};

struct throttled_functions {
    bool known; /* something tells of it */
    struct throttled_sum all;
    struct throttled_sum *items; /* by label */
    uint32_t *order;             /* labels that have throttled time, most first */
    size_t count;                /* of order */
};

void throttled_functions_init(struct throttled_functions *functions, const struct profile *profile,
                              const struct labels *labels);
void throttled_functions_release(struct throttled_functions *functions);

#endif
