/*
 * Sampled allocations: which ones, where they were made, and when their blocks are
 * freed. The slow paths behind the hooks: one call per `interval` bytes.
 *
 * Called in the target's ordinary context, though that may be a signal handler of its
 * own: no lock, no allocation, errno as it was.
 */
#ifndef PROFINJECT_HEAP_SAMPLE_H
#define PROFINJECT_HEAP_SAMPLE_H

#include "preload/contract/trace_format.h"
#include "preload/heap_live.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring_file;

/* Mean bytes between samples; 0: none is taken, as before the first call. A fork child
 * calls it again: blocks of its parent are forgotten. */
void heap_sample_init(struct ring_file *ring, uint64_t interval);

/* What a block of `size` bytes takes from the count of bytes until the next sample. */
static inline int64_t heap_sample_charge(size_t size)
{
    return (int64_t)size + TRACE_HEAP_BLOCK_CHARGE;
}

/* The calling thread's count of bytes has run out: `block` of `size` bytes, just
 * allocated, is to be sampled, or the thread is new and has to be given a count.
 * Returns `block`. */
void *heap_sample_alloc(void *block, size_t size, bool resized);

/* A sampled block on its way out. */
struct heap_release {
    struct heap_live_block block;
    uint64_t time_ns;
};

/* Before `block` is given back, when heap_live_may_hold() it: false when it is no
 * sampled block. Else one of the other two follows. */
bool heap_sample_release(void *block, struct heap_release *release);
/* It is gone: freed, or, `resized`, another block now. */
void heap_sample_released(const struct heap_release *release, bool resized);
/* It is not: realloc failed. */
void heap_sample_kept(const struct heap_release *release);

/* Records the frees for which there was no room, as far as there is some now; true when
 * none waits any more. For who has the servant's turn, before a pass. */
bool heap_sample_flush(void);

#endif
