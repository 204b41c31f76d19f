/*
 * How threads spent their time, as the first screen says it: on a processor, ready to run, waiting
 * for what.
 *
 * Threads that have nothing to do would drown the others: thirty of a pool, each waiting for work
 * from beginning to end, are 97 % of thread time. A thread counts as idle when TIME_IDLE_SHARE of its
 * time at least it was blocked in calls that wait for work or for others to be done (conditions,
 * semaphores, joins, children, sleeps, signals, poll, accept, events, queues); what only looks at it
 * found speaks for the time between them. Idle ones are left out of the shares, and how many they are
 * is said with them. Where all are, none is left out.
 */
#ifndef PROFINJECT_MODEL_TIME_SHARES_H
#define PROFINJECT_MODEL_TIME_SHARES_H

#include "analyzer/model/profile.h"
#include "analyzer/model/wait_kind.h"

#define TIME_IDLE_SHARE 0.95

/* Of less, shares say how programs start and end, which takes a few milliseconds: nothing follows
 * from them for whoever looks for what to improve. */
#define TIME_LEAST_NS 10e6

/* Of one thread, nanoseconds: on a processor and off it; of that ready to run, and blocked for work or
 * for others to be done, as above. */
struct thread_share {
    double on, off, runnable, for_work;
};

/* Nanoseconds. on + runnable + waiting = wall. */
struct time_shares {
    double wall, on, runnable, waiting;
    double kind[WAIT_KIND_COUNT]; /* of `waiting`: by what hooks saw, */
    double group[WAIT_GROUPS];    /* in groups; WAIT_GROUP_OTHER is the rest as well */
    size_t threads, idle_threads; /* with any time; left out of all these */
    double idle;                  /* what those had */
    bool *is_idle;                /* by thread of the profile */
    struct thread_share *of_thread;
};

void time_shares_init(struct time_shares *shares, const struct profile *profile);
void time_shares_release(struct time_shares *shares);

#endif
