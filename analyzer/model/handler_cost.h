/*
 * What the library's own sample handler cost, as histograms: value buckets as in
 * trace_bucket_of(). Values only, nothing to free.
 */
#ifndef PROFINJECT_MODEL_HANDLER_COST_H
#define PROFINJECT_MODEL_HANDLER_COST_H

#include "preload/contract/trace_format.h"

#include <stdint.h>

struct histogram {
    uint64_t number[TRACE_BUCKETS];
};

struct handler_cost {
    uint64_t frames, reused;        /* walked in all; of them taken from the walk before */
    uint64_t rules_hit, rules_made; /* found in the cache; made */
    uint64_t longest_ns;
    struct histogram duration_ns, depth;
};

/* All values in it. 0: nothing was measured. */
uint64_t histogram_count(const struct histogram *histogram);

/* The middle of the bucket that holds the value with `share` (0..1) of all below it,
 * within 6 % of that value; 0 when there is none. */
double histogram_quantile(const struct histogram *histogram, double share);

/* Sum of all values, each taken as the middle of its bucket. */
double histogram_sum(const struct histogram *histogram);

void handler_cost_add(struct handler_cost *sum, const struct handler_cost *part);

#endif
