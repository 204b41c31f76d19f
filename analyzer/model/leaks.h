/*
 * Leaks: what was not freed when the trace ended, grouped by stack, over all threads and
 * processes, and by what a scan of the memory said of the blocks.
 *
 * Read only once made; owns its memory. The profile must outlive it.
 */
#ifndef PROFINJECT_MODEL_LEAKS_H
#define PROFINJECT_MODEL_LEAKS_H

#include "analyzer/model/profile.h"
#include "analyzer/model/suppressions.h"

struct leak_group {
    uint32_t stack;
    enum leak_kind kind;
    struct heap_amount amount;
    uint64_t first_ns, last_ns; /* of the allocations */
    uint32_t thread;            /* the one that allocated most bytes of it, of */
    uint32_t threads;           /* so many, in */
    uint32_t processes;         /* so many */
    double most;                /* bytes of that thread */
    size_t rule;                /* that suppresses it, SUPPRESSION_NONE */
};

/* What one rule kept back. */
struct leak_suppressed {
    size_t groups;
    struct heap_amount amount;
};

struct leaks {
    struct leak_group *groups; /* by kind, then most bytes first; the suppressed ones last */
    size_t count;
    size_t shown;                         /* that are not suppressed */
    struct heap_amount total[LEAK_KINDS]; /* of those */
    size_t stacks[LEAK_KINDS];
    struct leak_suppressed *suppressed; /* one per rule */
    struct leak_suppressed all_suppressed;
};

/* `suppressions` may be NULL: none. Reachable blocks are no leaks and not suppressed. */
void leaks_init(struct leaks *leaks, const struct profile *profile,
                const struct suppressions *suppressions);
void leaks_release(struct leaks *leaks);

#endif
