/*
 * From a machine context to the program counters of a stack. Runs in the signal
 * handler: reads stack memory directly inside the thread's known bounds, probes
 * pages outside them, and never follows what does not grow.
 */
#ifndef PROFINJECT_UNWIND_H
#define PROFINJECT_UNWIND_H

#include "preload/contract/trace_format.h"
#include "preload/hard_scratch.h"
#include "preload/platform.h"
#include "preload/remembered_walk.h"

#include <stdbool.h>
#include <stdint.h>

/* Deepest stack any setting allows; the table's max-depth ends here. */
#define UNWIND_DEPTH_MAX 4096u

/* Memory that may be read without asking: the stack between the stack pointer
 * and `high`, when the stack pointer lies in [low, high). 0, 0: unknown. */
struct stack_bounds {
    uint64_t low, high;
};

/* The result of a walk, leaf first. Part of each thread's data: 90 KiB of which only
 * what stacks need is ever touched. `codes` comes first and `memory` meets it with what
 * is in its middle: see struct thread. */
struct walk {
    enum trace_stack root; /* what lies above the last frame */
    uint32_t depth;        /* frames in `codes` */
    uint32_t reused;       /* frames above them, those of memory.frames[0..reused) */
    uint32_t rules_hit, rules_made;
    enum trace_unwinding cause;       /* why it is not complete and exact, 0: it is */
    uint32_t by_states, by_registers; /* hard frames found by libunwind's states; by our own */
    bool remember;                    /* set by who fills in memory's node numbers */
    bool under_way;                   /* by who walks, for those who may interrupt it */
    uint64_t codes[UNWIND_DEPTH_MAX]; /* pc << TRACE_NODE_BITS | TRACE_NODE_* */
    struct remembered_walk memory;    /* of the walk before; afterwards of this one */
    struct hard_scratch hard;
};

enum unwind_mode {
    UNWIND_AUTO,
    UNWIND_FP,        /* frame pointers only */
    UNWIND_LIBUNWIND, /* libunwind's register states for every row; our own reading of the
                       * tables where there is none yet; nothing remembered */
    UNWIND_TABLES,    /* our own reading of the tables for every row: an oracle for tests */
};

/*
 * Fills `walk` with at most `max_depth` frames of the interrupted `context`.
 * Preserves errno; 1.2 KiB of stack.
 */
void unwind_sigsafe(struct walk *walk, const ucontext_t *context, const struct stack_bounds *bounds,
                    uint32_t max_depth, enum unwind_mode mode);

#endif
