/*
 * Which of a thread's events are under way: its signal handlers may interrupt one by another,
 * at any instruction, and may leave by longjmp(), so that it never ends.
 *
 * The innermost is one word, whole wherever a handler comes. Belongs to one thread, in its
 * ordinary context and in its handlers.
 */
#ifndef PROFINJECT_NESTING_H
#define PROFINJECT_NESTING_H

#include "preload/unwind.h"

#include <stdbool.h>
#include <stdint.h>

#define NESTING_MOST 15u
#define NESTING_DEPTH_MASK 15u /* stack pointers are multiples of 16 */

struct nesting {
    uint64_t innermost;           /* its stack pointer | its depth, from 1; 0: none is */
    uint64_t outer[NESTING_MOST]; /* by depth - 1: the one it interrupted, 0: none */
};

static inline uint32_t nesting_depth(const struct nesting *nesting)
{
    return (uint32_t)(nesting->innermost & NESTING_DEPTH_MASK);
}

/* One begins in a frame at `sp`; not when NESTING_MOST are under way. Returns what
 * nesting_end() takes: 0 when it is the only one. */
static inline uint64_t nesting_begin(struct nesting *nesting, uint64_t sp)
{
    uint64_t before = nesting->innermost;
    nesting->outer[before & NESTING_DEPTH_MASK] = before; /* as who interrupts this does */
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    nesting->innermost = (sp & ~(uint64_t)NESTING_DEPTH_MASK) | ((before & NESTING_DEPTH_MASK) + 1);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return before;
}

/* The same while none is under way. */
static inline void nesting_begin_first(struct nesting *nesting, uint64_t sp)
{
    nesting->innermost = (sp & ~(uint64_t)NESTING_DEPTH_MASK) | 1;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static inline void nesting_end(struct nesting *nesting, uint64_t before)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    nesting->innermost = before;
}

/* True when the innermost never ends, as a frame at `sp` sees it: its own frame is gone. Not
 * known, and false, of frames outside the thread's stack, which has those `bounds`. */
bool nesting_is_abandoned(const struct nesting *nesting, const struct stack_bounds *bounds,
                          uint64_t sp);

/* Forgets the innermost. */
void nesting_forget(struct nesting *nesting);

#endif
