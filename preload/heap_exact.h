/*
 * Every event of the heap, with its stack: what the allocation hooks do with --heap exact.
 *
 * Each thread writes streams of its own (heap_stream.h); what happens in threads that are not
 * profiled, or no longer, goes to one they share. Nothing is lost: a thread waits for room
 * where there is none. Where the servant does not come, or there is no memory, exactness
 * ends: nothing is recorded from then on, and ring->heap_lost counts it.
 *
 * Called in the target's ordinary context, though that may be a signal handler of its own,
 * interrupting any of this. errno as it was.
 */
#ifndef PROFINJECT_HEAP_EXACT_H
#define PROFINJECT_HEAP_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring_file;
struct thread;

/* So many bytes of events may wait for the servant. Before a ring is made. */
void heap_exact_want(uint64_t bytes);

/* True when it was: nothing may be lost. */
bool heap_exact_is_asked(void);

/* How stacks are walked: `fast` where simple rules are to be believed, so many frames of them. */
void heap_exact_walk(bool fast, uint32_t max_depth);

/* Forgets everything: a ring is new. 0 or -ENOMEM. */
int heap_exact_init(struct ring_file *ring);

/* Records from now on: the ring is where the servant finds it. */
void heap_exact_start(void);

/* No more: the trace ends. */
void heap_exact_stop(void);

/* Whether exactness ended before the process did, in words. */
bool heap_exact_complaint(char *what, size_t size);

/* Nothing is recorded of the calling thread: it is ours, or may do nothing for us. No clock is
 * read any more, no system call made. */
void heap_exact_leave_out_self(void);

/* The calling thread's streams are complete. */
void heap_exact_detach(const struct thread *thread);

/* A block of `size` bytes was had, `usable` of which can be used. Returns it. */
void *heap_exact_alloc(void *block, size_t size, size_t usable);

/* `block` is about to be freed. */
void heap_exact_free(void *block, size_t usable);

/* Around realloc of a block: `resize` is on its way. */
struct heap_resize {
    void *old;
    size_t old_usable;
    uint64_t ticks;
};
void heap_exact_begin_resize(struct heap_resize *resize, void *old, size_t usable);
/* `block` is NULL when it failed, or freed the block, `gone`. Returns it. */
void *heap_exact_end_resize(const struct heap_resize *resize, void *block, size_t size,
                            size_t usable, bool gone);

#endif
