/*
 * The sampled blocks that are live: what makes it cheap to know that a block about to
 * be freed is one of them. Most frees see one byte of a small filter and go on.
 *
 * Lock-free, and callable in the target's own signal handlers. A block is put in before its address is known to anybody
 * but the thread that allocated it, and taken out by the one that frees it, so no two
 * threads ever mean the same block.
 */
#ifndef PROFINJECT_HEAP_LIVE_H
#define PROFINJECT_HEAP_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#define HEAP_LIVE_FILTER_BITS 14

/* How many live blocks have that hash; 255 stays. */
extern uint8_t heap_live_filter[1u << HEAP_LIVE_FILTER_BITS] __attribute__((visibility("hidden")));

/* What is known of a block. */
struct heap_live_block {
    uint64_t address;
    uint32_t thread;     /* serial of the slot's thread that allocated it, modulo 2^24 */
    uint32_t allocation; /* which of that thread's allocations it was, modulo 2^32 */
};

static inline uint64_t heap_live_hash(uint64_t address)
{
    return (address >> 4) * 0x9E3779B97F4A7C15u;
}

/* False: certainly none of them. */
static inline bool heap_live_may_hold(const void *block)
{
    return heap_live_filter[heap_live_hash((uint64_t)block) >> (64 - HEAP_LIVE_FILTER_BITS)] != 0;
}

/* A free for which there was no room in a ring. It takes the block's place in the table:
 * as there is no other, as many may wait as there were blocks. */
struct heap_late {
    uint64_t address, time_ns;
    uint32_t kind; /* enum trace_heap_event, less than TRACE_HEAP_ALLOC */
};

/* False when there is no room, or the address is no multiple of 8; then the block is not there. May map memory; errno is as
 * before. */
bool heap_live_put(const struct heap_live_block *block);

/* Tells of the blocks there are, until `take` returns false; others may come and go. */
void heap_live_each(bool (*take)(uint64_t address));

/* Takes the block out; false when it is not there. */
bool heap_live_take_sigsafe(const void *address, struct heap_live_block *block);

/* True when it was that allocation of that thread, as far as is kept of them. */
bool heap_live_is_of(const struct heap_live_block *block, uint64_t thread, uint64_t allocation);

/* False when there is no room. Loses up to 15 ns of the time. */
bool heap_live_put_late(const struct heap_late *free);
bool heap_live_has_late(void);
/* Hands out, in no order, and forgets the frees that wait, until `take` says false: then
 * that one stays, and the answer is false. For one caller at a time. */
bool heap_live_each_late(bool (*take)(const struct heap_late *));

/* Forgets all: in a fork child, whose recording is its own. The parent's blocks stay where
 * they are until they are freed, and count no more: clearing 80 KiB that the parent shares
 * cost a child that does nothing 30 us. */
void heap_live_forget(void);

#endif
