/*
 * When to sample an allocation: a Poisson process over allocated bytes. The next hit is
 * an exponentially distributed number of bytes away, whatever was allocated before, so
 * that a block of s bytes is hit with probability 1 - e^(-s/mean), as estimates assume.
 *
 * One state per thread; everything here is signal-safe and allocates nothing.
 */
#ifndef PROFINJECT_BYTE_SAMPLER_H
#define PROFINJECT_BYTE_SAMPLER_H

#include <stdint.h>

struct byte_sampler {
    uint64_t random; /* never 0 */
};

/* Different seeds give different sequences; any will do. */
void byte_sampler_init_sigsafe(struct byte_sampler *sampler, uint64_t seed);

/* Bytes until the next hit, at least 1; `mean` is at most 2^40. */
int64_t byte_sampler_next_sigsafe(struct byte_sampler *sampler, uint64_t mean);

#endif
