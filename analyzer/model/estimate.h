/*
 * Totals of a population from a sample of it, with confidence intervals.
 *
 * An item of size s is in the sample with probability p = 1 - e^(-s/R): allocated
 * bytes are hit by a Poisson process with one hit per R bytes on average. Each item
 * sampled stands for 1/p items (Horvitz and Thompson, 1952). With R = 0 every item is
 * sampled, p = 1, and totals are exact to 2^53. Sizes are what counts in sampling: a block's
 * bytes and, from traces that say so, TRACE_HEAP_BLOCK_CHARGE more.
 *
 * Plain values: no ownership, no failure.
 */
#ifndef PROFINJECT_MODEL_ESTIMATE_H
#define PROFINJECT_MODEL_ESTIMATE_H

#include <stdint.h>

/* A total in the making, and what is known of its error. */
struct estimate {
    double number;        /* of items in the sample */
    double total, known;  /* of the population, as estimated; of the sample itself */
    double second, third; /* moments of what is missing */
    double chance;        /* minus the logarithm of the one that nothing is missing */
    double most;          /* that was missing for one item so far */
};

/* An interval that holds the truth in 95 % of cases, or more where samples are few. */
struct interval {
    double low, high;
};

/* 1/p: how many items one of `size` bytes stands for; `mean` is R, 0: all sampled. */
double estimate_weight(uint64_t size, uint64_t mean);

/* Adds, or takes away, an item in the sample whose `value` counts (its bytes, or 1) and
 * that stands for `weight` items. */
void estimate_add(struct estimate *estimate, double value, double weight);
void estimate_remove(struct estimate *estimate, double value, double weight);

/* The same for one that stands for itself alone: once per event of exact traces. `sign` is 1,
 * or -1 to take it away. */
static inline void estimate_add_known(struct estimate *estimate, double value, double sign)
{
    estimate->number += sign;
    estimate->total += sign * value;
    estimate->known += sign * value;
}

/* A total of `number` such items. */
static inline struct estimate estimate_known(uint64_t number, uint64_t total)
{
    return (struct estimate){
        .number = (double)number, .total = (double)total, .known = (double)total};
}

/* Adds the totals of two samples with no item in common. */
void estimate_join(struct estimate *estimate, const struct estimate *other);

/* `missed`: what an item not sampled would have added at most, one of the two below; 0: none
 * was missed. */
struct interval estimate_interval(const struct estimate *estimate, double missed);

/* Bytes and blocks that a block not sampled stands for at most, `mean` is R. */
double estimate_missed_bytes(uint64_t mean);
double estimate_missed_blocks(uint64_t mean);

#endif
