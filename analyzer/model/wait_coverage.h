/*
 * How much of the time threads were blocked anybody saw: the kernel counts all of it, hooks and looks
 * say where it was.
 */
#ifndef PROFINJECT_MODEL_WAIT_COVERAGE_H
#define PROFINJECT_MODEL_WAIT_COVERAGE_H

#include "analyzer/model/profile.h"

/* Nanoseconds; the last three add up to the first. */
struct wait_coverage {
    uint64_t blocked;  /* by the kernel's count; 0: it counted nothing */
    uint64_t hooked;   /* in calls that hooks saw */
    uint64_t looked;   /* elsewhere, where looks found the threads */
    uint64_t unplaced; /* where nobody saw them */
};

/* Nothing of a part other than of time: the kernel counts whole threads. */
struct wait_coverage wait_coverage_of(const struct profile *profile);

#endif
