/*
 * Blocks by the logarithm of something: of their size, of how long they lived. Each
 * class holds how many blocks and how many bytes, with their errors (estimate.h).
 *
 * Plain values: no ownership, no failure. Adding is inline, as it happens with every
 * event of a heap.
 */
#ifndef PROFINJECT_MODEL_HEAP_CLASSES_H
#define PROFINJECT_MODEL_HEAP_CLASSES_H

#include "analyzer/model/estimate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks: how many, and their bytes as asked for. */
struct heap_amount {
    struct estimate count, bytes;
};

#define HEAP_SIZE_CLASSES 64 /* class c: above 2^(c-1) up to 2^c bytes; 0: up to 1 */
#define HEAP_LIFE_CLASSES 14 /* class c: 10^c ns up to below 10^(c+1); 0: from 0; 13: all above */

struct heap_sizes {
    struct heap_amount at[HEAP_SIZE_CLASSES];
};

struct heap_lives {
    struct heap_amount at[HEAP_LIFE_CLASSES];
};

/* Smallest lifetime, ns, of the class. */
extern const uint64_t heap_life_low[HEAP_LIFE_CLASSES + 1];

/* Adds what another amount holds. */
void heap_amount_join(struct heap_amount *amount, const struct heap_amount *other);

/* What stands before and behind: "0 of them hold anything" is first = count. */
struct heap_range {
    size_t first, end;
};
struct heap_range heap_classes_range(const struct heap_amount *classes, size_t count);

static inline void heap_amount_add(struct heap_amount *amount, uint64_t size, double weight)
{
    if (weight == 1) { /* exact: no error */
        estimate_add_known(&amount->count, 1, 1);
        estimate_add_known(&amount->bytes, (double)size, 1);
        return;
    }
    estimate_add(&amount->count, 1, weight);
    estimate_add(&amount->bytes, (double)size, weight);
}

/* Takes away what was added. */
static inline void heap_amount_remove(struct heap_amount *amount, uint64_t size, double weight)
{
    if (weight == 1) {
        estimate_add_known(&amount->count, 1, -1);
        estimate_add_known(&amount->bytes, (double)size, -1);
        return;
    }
    estimate_remove(&amount->count, 1, weight);
    estimate_remove(&amount->bytes, (double)size, weight);
}

static inline unsigned heap_size_class(uint64_t size)
{
    unsigned class = size > 1 ? 64u - (unsigned)__builtin_clzll(size - 1) : 0;

    return class < HEAP_SIZE_CLASSES ? class : HEAP_SIZE_CLASSES - 1;
}

/* 1233/4096 is log10(2) to five digits: right or one too much. */
static inline unsigned heap_life_class(uint64_t lifetime_ns)
{
    unsigned class = (64u - (unsigned)__builtin_clzll(lifetime_ns | 1)) * 1233u >> 12;

    if (class >= HEAP_LIFE_CLASSES)
        return HEAP_LIFE_CLASSES - 1;
    return class > 0 && lifetime_ns < heap_life_low[class] ? class - 1 : class;
}

static inline void heap_sizes_add(struct heap_sizes *sizes, uint64_t size, double weight)
{
    heap_amount_add(&sizes->at[heap_size_class(size)], size, weight);
}

/* A block of `size` bytes lived so long. */
static inline void heap_lives_add(struct heap_lives *lives, uint64_t lifetime_ns, uint64_t size,
                                  double weight)
{
    heap_amount_add(&lives->at[heap_life_class(lifetime_ns)], size, weight);
}

#endif
