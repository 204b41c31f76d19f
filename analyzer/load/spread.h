/*
 * An amount spread over several by weight, to none more than it takes.
 */
#ifndef PROFINJECT_LOAD_SPREAD_H
#define PROFINJECT_LOAD_SPREAD_H

#include <stddef.h>
#include <stdint.h>

struct spread_share {
    double weight; /* 0: gets nothing */
    uint64_t room; /* what it can take; less what it got afterwards */
    uint64_t got;  /* is added to */
};

/* Returns what is left when all have what they take. */
uint64_t spread(struct spread_share *shares, size_t count, uint64_t amount);

#endif
