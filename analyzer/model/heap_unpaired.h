/*
 * Allocations and frees whose counterpart has not been seen yet, by address: a small
 * set that forgets the oldest, for events of two threads that come in the wrong order.
 * Nearly always empty.
 *
 * A plain value of constant size. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_HEAP_UNPAIRED_H
#define PROFINJECT_MODEL_HEAP_UNPAIRED_H

#include <stdbool.h>
#include <stdint.h>

#define HEAP_UNPAIRED_SETS 64
#define HEAP_UNPAIRED_WAYS 4

struct heap_unpaired_event {
    uint64_t address; /* 0: none */
    uint64_t time_ns;
    uint64_t size; /* of a block, as the next: as in struct heap_block */
    uint32_t site, allocation;
    uint32_t thread; /* of a free: that did it */
};

struct heap_unpaired {
    struct heap_unpaired_event events[HEAP_UNPAIRED_SETS][HEAP_UNPAIRED_WAYS];
    uint32_t next[HEAP_UNPAIRED_SETS]; /* the way that is overwritten next */
    uint32_t count;
};

/* Adds one; perhaps another is forgotten. */
void heap_unpaired_put(struct heap_unpaired *unpaired, const struct heap_unpaired_event *event);

/* One at `address`; NULL: none. */
struct heap_unpaired_event *heap_unpaired_find(struct heap_unpaired *unpaired, uint64_t address);

/* Takes out one that find gave. */
void heap_unpaired_remove(struct heap_unpaired *unpaired, struct heap_unpaired_event *event);

#endif
