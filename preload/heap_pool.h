/*
 * Segments for exact heap events (ring_format.h): a thread takes one, fills it, hands it to
 * the drain and takes the next. There are more as they are needed, up to a limit; then
 * threads wait for the drain, but not for one that does nothing.
 *
 * Any thread, in the target's ordinary context, which may be a signal handler of its own;
 * with all signals blocked: a handler that leaves by longjmp() would leave a segment that is
 * nobody's, and handlers that follow each other without a gap would take what its thread
 * waits for. No lock, no allocation, errno as it was.
 */
#ifndef PROFINJECT_HEAP_POOL_H
#define PROFINJECT_HEAP_POOL_H

#include "preload/contract/ring_format.h"

#include <stdbool.h>

/* The pool of `ring`, with memory for `limit` segments besides those being written to. */
void heap_pool_use(struct ring_file *ring, uint32_t limit);

/* True while there is one, and somebody drains it. */
bool heap_pool_is_open(void);

/* Nobody will drain it any more: whoever waits need not. */
void heap_pool_close(void);

/*
 * An empty segment, the slot's own and LIVE, as number `serial` of its `stream`; the caller
 * sets what its first event counts from before it commits any. Waits where there is none;
 * then signals are as in the mask `signals` for a moment now and again.
 * NULL: there will be none, for `stall_ns` nothing was drained, or there is no memory and
 * nothing to wait for.
 */
struct ring_segment *heap_pool_take(struct ring_slot *slot, uint32_t stream, uint64_t serial,
                                    uint64_t stall_ns, uint64_t signals);

/* Waits until there are stack nodes again, as long as somebody makes room for them, as above; false:
 * there are none. Signals need not be blocked. */
bool heap_pool_await_nodes(uint64_t stall_ns);

/* It is complete: the drain's. */
void heap_pool_give(struct ring_segment *segment);

#endif
