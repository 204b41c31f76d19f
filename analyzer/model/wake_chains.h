/*
 * Chains of wake-ups: A woke B, and B, that had waited itself until then, woke C. So the time C waited
 * is A's to explain.
 *
 * A link is there where B's own wait ended while C waited, woken by A: the last such wait before C's
 * ended. Single waits alone count, of kinds whose end another thread makes.
 */
#ifndef PROFINJECT_MODEL_WAKE_CHAINS_H
#define PROFINJECT_MODEL_WAKE_CHAINS_H

#include "analyzer/model/profile.h"

#define WAKE_CHAIN_MAX 6u /* threads */

struct wake_chain {
    uint32_t threads[WAKE_CHAIN_MAX]; /* who waited first, then who woke it, and so on */
    uint32_t count;                   /* of them, three at least */
    uint64_t times, waited_ns;        /* by the first */
};

struct wake_chains {
    struct wake_chain *items; /* most waited first */
    size_t count;
};

void wake_chains_init(struct wake_chains *chains, const struct profile *profile);
void wake_chains_release(struct wake_chains *chains);

#endif
