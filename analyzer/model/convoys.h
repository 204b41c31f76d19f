/*
 * Convoys: threads that queue at a lock.
 *
 * One is told of where CONVOY_THREADS threads or more waited for the same lock at the same time, as
 * single waits show, or where so many waited for it and from the first wait to the last
 * CONVOY_MEAN of them did at any moment on average, which short waits in a flood show too.
 */
#ifndef PROFINJECT_MODEL_CONVOYS_H
#define PROFINJECT_MODEL_CONVOYS_H

#include "analyzer/model/profile.h"

#define CONVOY_THREADS 3u
#define CONVOY_MEAN 2.0

struct convoy {
    uint32_t object;
    size_t threads;      /* that waited for the lock at all */
    size_t most;         /* at one time, as single waits show; 0: none were seen */
    size_t times;        /* that CONVOY_THREADS were there */
    uint64_t queued_ns;  /* for how long in all */
    double mean;         /* threads that waited, from the first wait to the last */
    uint64_t blocked_ns; /* by all of them, in all waits */
};

struct convoys {
    struct convoy *items; /* most blocked first */
    size_t count;
};

void convoys_init(struct convoys *convoys, const struct profile *profile);
void convoys_release(struct convoys *convoys);

#endif
