/*
 * Whether threads had processors when they wanted them.
 *
 * A process is oversubscribed when its threads spent DEMAND_SHARE of the time they ran or wanted to
 * with waiting for a processor, and at some time more of them than there are processors lived that
 * wanted one for half of their lives or longer. Where not so many did, others on the machine had the
 * processors. Threads that waited for one in less than DEMAND_LEAST of their lives were not held up.
 */
#ifndef PROFINJECT_MODEL_DEMAND_H
#define PROFINJECT_MODEL_DEMAND_H

#include "analyzer/model/profile.h"

#define DEMAND_SHARE 0.10
#define DEMAND_LEAST 0.01

struct demand {
    bool is_known;              /* the kernel counted time ready to run */
    double cpu, runnable, wall; /* nanoseconds, of all threads */
    size_t
        wanting; /* threads that wanted one half of their lives: so many lived at a time at most */
    size_t cpus; /* that the process may use; 0: not told */
    bool is_short;          /* DEMAND_SHARE and DEMAND_LEAST are exceeded, */
    bool is_oversubscribed; /* by the process's own threads */
};

/* Of the process of that number, SIZE_MAX: of all together. */
struct demand demand_of(const struct profile *profile, size_t process);

#endif
