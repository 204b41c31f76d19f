/*
 * The workers of `profinject heat`, seen from their parent: as many as wanted, each on a processor,
 * replaced when they die, all gone when it is over.
 *
 * One thread. The crew waits for its own children by number; SIGCHLD should be blocked. Whoever
 * ends without crew_stop() (kill -9) leaves no worker either: see worker.c.
 */
#ifndef PROFINJECT_HEAT_CREW_H
#define PROFINJECT_HEAT_CREW_H

#include "analyzer/heat/worker.h"
#include "analyzer/util/problem.h"

#include <sched.h>

struct crew {
    struct worker_page *page;
    pid_t pids[WORKERS_MOST]; /* 0: none */
    unsigned died, recent;    /* unasked: in all, within DEATHS_S */
    double recent_since;
    int last_status; /* of wait(), of the last one that died */
    cpu_set_t processors;
    unsigned processor_count; /* in that set, 0: it could not be had, there are too many */
    unsigned processor_most;  /* how many there are, at least 1 */
};

struct crew_sums {
    uint64_t operations, products, cpu_ns;
    uint32_t wrong, no_memory;
};

int crew_init(struct crew *crew, struct problem *problem);

/* Starts or ends workers until there are `count`; looks after those that died. Fails when none can
 * be started, or when they die faster than they can be replaced. */
int crew_keep(struct crew *crew, unsigned count, double now, struct problem *problem);

/* Tells the workers that somebody is there. */
void crew_beat(struct crew *crew);

/* How many live. */
unsigned crew_living(const struct crew *crew);

struct crew_sums crew_sum(const struct crew *crew);

/* No load from here on: ends all of them, by force after 0.3 s, and waits until they are gone. */
void crew_stop(struct crew *crew);
void crew_release(struct crew *crew); /* stops, too */

#endif
