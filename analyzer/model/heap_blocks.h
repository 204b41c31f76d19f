/*
 * The live blocks of a heap, by address: an open-addressed table of 32 bytes a block,
 * between three eighths and three quarters full.
 *
 * Memory grows with the most blocks ever live at once. Owns its table. Pointers to
 * blocks are good until the next call that adds or removes one. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_HEAP_BLOCKS_H
#define PROFINJECT_MODEL_HEAP_BLOCKS_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

struct heap_block {
    uint64_t address; /* 0: an empty place of the table */
    uint64_t size;    /* bytes asked for */
    uint64_t time_ns; /* of the allocation */
    uint32_t site : 31;
    uint32_t resized : 1; /* made by realloc of another */
    uint32_t allocation;  /* which of its thread's it was, modulo 2^32 */
};
static_assert(sizeof(struct heap_block) == 32, "two in a cache line");

struct heap_blocks {
    struct heap_block *table;
    size_t count, capacity; /* capacity: a power of two */
    unsigned shift;         /* of the hash, so that it numbers a place */
};

void heap_blocks_init(struct heap_blocks *blocks);
void heap_blocks_release(struct heap_blocks *blocks);

/* Allocators align blocks to 16 bytes: what is below says nothing. The hash's upper
 * bits: the table then grows from its beginning to its end, not to and fro. */
static inline size_t heap_blocks_home(const struct heap_blocks *blocks, uint64_t address)
{
    return (size_t)((address >> 4) * 0x9E3779B97F4A7C15u >> blocks->shift);
}

/* The block at `address`; NULL: none. */
static inline struct heap_block *heap_blocks_find(const struct heap_blocks *blocks,
                                                  uint64_t address)
{
    size_t at = heap_blocks_home(blocks, address);

    while (blocks->table[at].address != address) {
        if (blocks->table[at].address == 0)
            return NULL;
        at = (at + 1) & (blocks->capacity - 1);
    }
    return &blocks->table[at];
}

/* Adds one whose address is not there yet, and is not 0. */
void heap_blocks_add(struct heap_blocks *blocks, const struct heap_block *block);

/* Takes out one that find gave. */
void heap_blocks_remove(struct heap_blocks *blocks, struct heap_block *block);

#endif
