/*
 * The order in which threads take locks, as far as waits show it, and where it goes in a circle.
 *
 * While thread T waited for lock B, another waited for lock A that T had, and went on doing so until
 * T's wait was over, at least: T held A and asked for B. Locks of which each is asked for by a thread
 * that holds the one before are a cycle: threads that meet at the wrong moment never go on. Where
 * the waits of a cycle were not over when the recording ended, they did: a deadlock.
 *
 * What is found happened; what no wait shows is not found. Single waits alone count.
 */
#ifndef PROFINJECT_MODEL_LOCK_ORDER_H
#define PROFINJECT_MODEL_LOCK_ORDER_H

#include "analyzer/model/profile.h"

/* `holder` held lock `held` and asked for lock `asked`. */
struct lock_edge {
    uint32_t held, asked;                /* objects */
    const struct profile_single *holder; /* its wait, for `asked` */
    const struct profile_single *waiter; /* another's, for `held` */
    bool open;                           /* neither was over */
};

#define LOCK_CYCLE_MAX 8u /* locks in a cycle that is looked for */

struct lock_cycle {
    const struct lock_edge *edges[LOCK_CYCLE_MAX]; /* edges[i]->asked is edges[i + 1]->held */
    size_t count;
    bool deadlock;
};

struct lock_order {
    struct lock_edge *edges; /* each pair of locks once, open ones first choice */
    size_t edge_count, edge_capacity;
    struct lock_cycle *cycles; /* each set of locks once, deadlocks first */
    size_t cycle_count, cycle_capacity;
};

void lock_order_init(struct lock_order *order, const struct profile *profile);
void lock_order_release(struct lock_order *order);

#endif
