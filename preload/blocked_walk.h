/*
 * The stack of another thread of this process, while it is blocked in a system call
 * and without disturbing it. All that is known of it is its program counter and
 * stack pointer: rbp and the other callee-saved registers are in the kernel.
 *
 * Memory is copied through /proc/self/mem, where a page that went is an error code;
 * nothing of the other thread's is ever dereferenced. Unwind tables are read in
 * place, so the caller keeps libraries from going meanwhile (modules_hold()).
 *
 * The servant's alone: one walk at a time. No allocation, no locks, but system calls.
 */
#ifndef PROFINJECT_BLOCKED_WALK_H
#define PROFINJECT_BLOCKED_WALK_H

#include "preload/contract/trace_format.h"

#include <stddef.h>
#include <stdint.h>

#define BLOCKED_DEPTH_MAX 4096u

/* The result, leaf first, as in struct walk. */
struct blocked_walk {
    enum trace_stack root; /* what lies above the last frame */
    uint32_t depth;
    uint64_t codes[BLOCKED_DEPTH_MAX]; /* pc << TRACE_NODE_BITS | TRACE_NODE_* */
};

/*
 * Walks from `pc`, `sp`, at most `max_depth` frames. `memory` is a descriptor of
 * /proc/self/mem. A frame whose place hangs on a register nobody saved is searched
 * for: found for certain where the call before a return address leads to the function
 * called, marked TRACE_NODE_GUESSED where that call goes through a pointer. Nothing
 * found: the stack is broken.
 */
void blocked_walk_take(struct blocked_walk *walk, int memory, uint64_t pc, uint64_t sp,
                       uint32_t max_depth);

#endif
