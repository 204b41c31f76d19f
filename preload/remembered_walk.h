/*
 * The walk before, remembered: what has not changed since is verified instead of
 * walked again, for 1 ns a frame, and keeps its stack numbers.
 *
 * Frames are kept root first. What led from one to its caller are words on the stack
 * that are among the caller's own figures: the return address, which is its pc, right
 * below its stack pointer, and the saved frame pointer where a frame above needs it for
 * its CFA (compiled without frame pointers rbp holds data: compared everywhere it would
 * spoil most of the reuse). When the same frame is met again and all words above it are
 * the same, so are the frames above: for simple rules and unchanged modules they are a
 * function of those words. Frames from the first on that are not simple, or were guessed,
 * are never kept.
 *
 * Belongs to one thread's handler; everything here is signal-safe.
 */
#ifndef PROFINJECT_REMEMBERED_WALK_H
#define PROFINJECT_REMEMBERED_WALK_H

#include "preload/platform.h"

#include <stdbool.h>
#include <stdint.h>

/* Deeper stacks are walked as if there were no memory. */
#define REMEMBERED_MAX 1024u

/* A frame of the walk in progress, leaf first. */
struct fresh_frame {
    uint64_t sp, fp;
    uint32_t rule; /* unwind_rule by which its caller was found */
    bool guessed;
};

struct remembered_frame {
    uint64_t sp, fp, code; /* code as in struct ring_node */
    uint32_t node;         /* its number in the ring, for who interns */
    uint16_t fp_distance;  /* below the caller's sp lies this frame's fp for it; 0: no matter */
    bool needs_fp;         /* a frame above depends on its frame pointer */
};

/* `fresh` lies backwards, the leaf last: what a shallow stack needs is then together,
 * in one page of memory. */
struct remembered_walk {
    struct fresh_frame fresh[REMEMBERED_MAX];
    uint64_t owner;      /* serial of the thread; another's stack may not be looked at */
    uint32_t generation; /* of loaded modules */
    uint32_t count;
    uint64_t top; /* CFA of the root when that is no outermost frame by its rule, else 0 */
    struct remembered_frame frames[REMEMBERED_MAX];
};

/* The fresh frame `depth` frames above the leaf. */
static inline struct fresh_frame *remembered_walk_fresh(struct remembered_walk *memory,
                                                        uint32_t depth)
{
    return &memory->fresh[REMEMBERED_MAX - 1 - depth];
}

/* Makes the memory `owner`'s in `generation`, empty unless it was. */
static inline void remembered_walk_begin_sigsafe(struct remembered_walk *memory, uint64_t owner,
                                                 uint32_t generation)
{
    if (memory->owner != owner || memory->generation != generation)
        memory->count = 0;
    if (memory->count)
        for (uint32_t i = 0; i < 4; i++) /* lines of two frames, wanted all at once */
            __builtin_prefetch((const char *)&memory->frames[memory->count - 1] - i * 64u);
    memory->owner = owner;
    memory->generation = generation;
}

/*
 * True when remembered frame `at` is the frame with these registers and all its
 * callers are still there. Else *at is the highest of the frames, from the leaf, that
 * may still be met, or -1.
 */
bool remembered_walk_joins_sigsafe(const struct remembered_walk *memory,
                                   const struct registers *registers, uint64_t code, int *at);

/*
 * Keeps the `depth` fresh frames above the first `kept`. `codes` is theirs, leaf
 * first; `top` the CFA of the last one. Frames outside [low, high) are not kept.
 */
void remembered_walk_keep_sigsafe(struct remembered_walk *memory, uint32_t kept,
                                  const uint64_t *codes, uint32_t depth, uint64_t top, uint64_t low,
                                  uint64_t high);

#endif
