/*
 * Where the two ways over hard frames left off within a walk: the next hard frame
 * goes on from there instead of from the context again, and none of it lies on the
 * handler's stack. Part of each thread's walk; no functions of its own.
 */
#ifndef PROFINJECT_HARD_SCRATCH_H
#define PROFINJECT_HARD_SCRATCH_H

#include "preload/cfi.h"
#include "preload/platform.h"

#include <stdbool.h>
#include <stdint.h>

/* A way up from a context. `frames` above it are the registers kept; `context` NULL:
 * nowhere yet. */
struct climb {
    const ucontext_t *context;
    uint32_t frames;
    bool end; /* there is no frame above */
};

/* Every register, followed by our own reading of the tables. */
struct register_climb {
    struct climb climb;
    uint32_t known; /* bit per register */
    uint64_t values[CFI_REG_COUNT], callers[CFI_REG_COUNT];
    struct cfi_row row;
};

/* libunwind's cursor, moved by its register states. */
struct state_climb {
    struct climb climb;
    uint64_t cursor[160];
};

struct hard_scratch {
    struct state_climb states;
    struct register_climb registers;
};

/* For every new walk: the same context may hold other registers now. Looked at first:
 * a thread that meets no hard frame is to need no memory for this. */
static inline void hard_scratch_begin_sigsafe(struct hard_scratch *scratch)
{
    if (scratch->states.climb.context)
        scratch->states.climb.context = NULL;
    if (scratch->registers.climb.context)
        scratch->registers.climb.context = NULL;
}

#endif
