/*
 * A function's callers and callees: who called it and whom it called, and what that cost, in one
 * metric.
 *
 * Every value is counted once per stack, however often the function or the call recurs there. So a
 * caller's value is at most the function's total; where recursion goes by way of others, and one stack
 * has several callers, together they may exceed it.
 *
 * Read only once made; owns its memory.
 */
#ifndef PROFINJECT_MODEL_NEIGHBOURS_H
#define PROFINJECT_MODEL_NEIGHBOURS_H

#include "analyzer/model/labels.h"

#define NEIGHBOUR_NONE \
    UINT32_MAX /* of callers: stacks begin with it; of callees: itself, the leaf */

struct neighbour {
    uint32_t label;
    int64_t value;
};

struct neighbours {
    int64_t self, total;
    int64_t recursive;                   /* of `total`: it was there more than once */
    size_t deepest;                      /* so often at most */
    struct neighbour *callers, *callees; /* by falling value, those above 0 */
    size_t caller_count, callee_count;
    int64_t *threads; /* `total` by thread of the profile */
    bool *is_inside;  /* by stack: it holds the function */
};

/* Of the function that is all labels with is_in[label]. */
void neighbours_init(struct neighbours *neighbours, const struct profile *profile,
                     const struct labels *labels, const bool *is_in, enum metric metric);
/* By falling value. */
void neighbours_sort(struct neighbour *items, size_t count);
void neighbours_release(struct neighbours *neighbours);

#endif
