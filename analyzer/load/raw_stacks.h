/*
 * Stacks before symbols: a tree of code places, shared by all traces of a load,
 * so that the same calls in another epoch or process are the same stack.
 *
 * Not thread-safe. Owns its arrays.
 */
#ifndef PROFINJECT_LOAD_RAW_STACKS_H
#define PROFINJECT_LOAD_RAW_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first numbers are roots, with the meaning of enum trace_stack. */
#define RAW_STACK_ROOTS 3u

struct raw_stack {
    uint32_t parent, place;
    uint32_t root;    /* whence it hangs: below RAW_STACK_ROOTS */
    bool guessed;     /* this frame */
    bool timed;       /* what it, or one above it, is called depends on when it was met */
    bool has_guess;   /* this frame or one above it */
    bool has_trouble; /* no exact way on from frame `trouble` at the latest */
    uint32_t trouble; /* place, the nearest to the leaf */
    uint32_t stack;   /* in the profile, once that is made */
    uint32_t below;   /* in the profile: where its callees hang */
};

struct raw_stacks {
    struct raw_stack *stacks; /* a parent comes before its children */
    size_t count, capacity;
    struct key_table *index;
};

/* Adds `times` to each of what the stack is. */
void raw_stack_judge(const struct raw_stack *stack, uint64_t times, uint64_t *truncated,
                     uint64_t *guessed, uint64_t *broken);

void raw_stacks_init(struct raw_stacks *raw);
void raw_stacks_release(struct raw_stacks *raw);

/* Finds or adds the frame `place` below `parent`; returns its number. */
uint32_t raw_stacks_add(struct raw_stacks *raw, uint32_t parent, uint32_t place, bool guessed);

/* Its frame's name depends on the time. */
void raw_stacks_set_timed(struct raw_stacks *raw, uint32_t number);

#endif
