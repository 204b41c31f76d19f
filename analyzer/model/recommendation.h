/*
 * Recommendations as values: insight/ makes them, reports show them. recommendations.h there says
 * what they are and who owns what.
 */
#ifndef PROFINJECT_MODEL_RECOMMENDATION_H
#define PROFINJECT_MODEL_RECOMMENDATION_H

#include <stddef.h>
#include <stdint.h>

struct recommendation {
    const char *rule;   /* its name: "small-calls" */
    const char *advice; /* what may be done; constant */
    char *finding;      /* what was measured, in words with its figures */
    double share;       /* of the run, 0 to 1: how much is at stake, or how much is not known */
    uint32_t stack;     /* of the profile: where most of that is; STACK_NONE: nowhere */
};

struct recommendations {
    struct recommendation *items; /* those about the program first, then about the recording; in
                                   * each group most at stake first */
    size_t count, capacity;
};

#endif
