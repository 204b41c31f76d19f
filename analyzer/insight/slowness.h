/*
 * How much of CPU time was on processors that were slowed down (model/throttle.h says what that is), by
 * resources alone: every output has those, samples over time some only, and all are to give the same
 * verdict.
 */
#ifndef PROFINJECT_INSIGHT_SLOWNESS_H
#define PROFINJECT_INSIGHT_SLOWNESS_H

#include "analyzer/model/profile.h"

struct slowness {
    bool known;
    const char *reason; /* why not */
    double share;       /* of CPU time, 0 to 1 */
};

/* `is_idle`: by thread, those that do not count. */
struct slowness slowness_of(const struct profile *profile, const bool *is_idle);

#endif
