/*
 * Settling of waits, part of the ledger: what of each was blocked time of the thread's intervals.
 */
#ifndef PROFINJECT_LOAD_WAIT_SETTLE_H
#define PROFINJECT_LOAD_WAIT_SETTLE_H

#include "analyzer/load/wait_ledger.h"

static inline uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static inline uint64_t since(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

static inline uint64_t part(uint64_t amount, uint64_t of, uint64_t whole)
{
    return of >= whole ? amount : (uint64_t)((double)amount * (double)of / (double)whole);
}

/* Takes what `waits` claim from the thread's intervals, and adds what they come to to the sums of
 * their places. */
void wait_settle(struct wait_ledger *ledger, struct ledger_thread *thread,
                 const struct ledger_wait *waits, size_t count);

#endif
