/*
 * How much of the threads' CPU time the samples stand for: what was sampled beside
 * what the threads' own clocks measured. Neither is made from the other, so that a
 * clock that loses time is found out here.
 *
 * Stateless; a profile is only read.
 */
#ifndef PROFINJECT_MODEL_COVERAGE_H
#define PROFINJECT_MODEL_COVERAGE_H

#include "analyzer/model/profile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one thread, or summed up. `measured_ns` is without `paused_ns`. */
struct coverage {
    uint64_t measured_ns, paused_ns, sampled_ns;
    uint64_t rest_ns; /* beyond `sampled_ns`: charged to the last stacks of threads that ended */
};

struct coverage coverage_of_thread(const struct profile_thread *thread);
void coverage_add(struct coverage *sum, const struct coverage *part);

/*
 * Whether `sampled_ns` differs from `measured_ns` by no more than chance explains where
 * one stack stands for `stack_ns`: 4 standard deviations of the number of stacks, or
 * by no more than 5 %, which nobody can see in a profile.
 */
bool coverage_is_fair(const struct coverage *coverage, double stack_ns);

/* Numbers of the threads that are not fairly covered, most CPU time amiss first, each
 * judged by what a stack stands for in its process. *count of them; free(). */
uint32_t *coverage_outliers(const struct profile *profile, size_t *count);

#endif
