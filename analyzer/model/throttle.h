/*
 * CPU time on processors that were slowed down: for their temperature by the kernel's count
 * (cpu.throttled, cpu.throttles), or at less than THROTTLE_BELOW of their nominal frequency
 * (cpu.mhz, cpu.mhz-nominal), whatever for.
 *
 * Counts of a package or a core are of all its processors: machine.packages, machine.threads.
 *
 * Looks are some ten a second: a moment has the values of the nearest look. Where the processor
 * that a thread ran on is not known (thread.processor), it is as many of them as were slowed down.
 * Not thread-safe; reads the profile, which must outlive it.
 */
#ifndef PROFINJECT_MODEL_THROTTLE_H
#define PROFINJECT_MODEL_THROTTLE_H

#include "analyzer/model/profile.h"

#define THROTTLE_BELOW 0.9

/* No look is as far from a moment that it says something of. */
#define THROTTLE_NEAR_NS 2000000000ull

struct throttle;

/* NULL when nothing tells how fast processors were. */
struct throttle *throttle_new(const struct profile *profile);
void throttle_free(struct throttle *throttle); /* NULL is allowed */

struct throttle_state {
    bool known;
    bool by_processor; /* the processor is known */
    double share;      /* of the time that it was slowed down in */
    double mhz;        /* NAN: not known */
};

/* While that part ran. */
struct throttle_state throttle_at(const struct throttle *throttle,
                                  const struct profile_sample *sample);

/* Of its time, nanoseconds. */
uint64_t throttle_sample_ns(const struct throttle *throttle, const struct profile_sample *sample);

/* Fills in METRIC_THROTTLED_CPU of the entries, and profile->has_throttled, from profile->samples. Once,
 * before anything is left out of the profile. */
void throttle_charge(struct profile *profile);

#endif
