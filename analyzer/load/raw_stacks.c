/*
 * The tree of raw stacks. Its own file because it decides how much memory a load
 * takes: a node per distinct stack, never one per sample.
 */
#include "analyzer/load/raw_stacks.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "preload/contract/trace_format.h"

#include <stdlib.h>
#include <string.h>

struct stack_key {
    uint32_t parent, place, guessed;
};

void raw_stacks_init(struct raw_stacks *raw)
{
    memset(raw, 0, sizeof(*raw));
    raw->index = key_table_new(sizeof(struct stack_key));
    for (uint32_t root = 0; root < RAW_STACK_ROOTS; root++) {
        raw->stacks = memory_grow(raw->stacks, raw->count, &raw->capacity, sizeof(*raw->stacks));
        raw->stacks[raw->count++] = (struct raw_stack){.parent = root, .root = root};
    }
}

void raw_stacks_release(struct raw_stacks *raw)
{
    free(raw->stacks);
    key_table_free(raw->index);
}

uint32_t raw_stacks_add(struct raw_stacks *raw, uint32_t parent, uint32_t place, bool guessed)
{
    struct stack_key key = {parent, place, guessed};
    uint32_t number = key_table_add(raw->index, &key, (uint32_t)raw->count);

    if (number == raw->count) {
        const struct raw_stack above = raw->stacks[parent];
        bool has_trouble = above.guessed || parent == TRACE_STACK_BROKEN;
        raw->stacks = memory_grow(raw->stacks, raw->count, &raw->capacity, sizeof(*raw->stacks));
        raw->stacks[raw->count++] = (struct raw_stack){
            .parent = parent,
            .place = place,
            .root = above.root,
            .guessed = guessed,
            .timed = above.timed,
            .has_guess = guessed || above.has_guess,
            .has_trouble = has_trouble || above.has_trouble,
            .trouble = has_trouble ? place : above.trouble,
        };
    }
    return number;
}

void raw_stack_judge(const struct raw_stack *stack, uint64_t times, uint64_t *truncated,
                     uint64_t *guessed, uint64_t *broken)
{
    *truncated += stack->root == TRACE_STACK_TRUNCATED ? times : 0;
    *guessed += stack->has_guess ? times : 0;
    *broken += stack->root == TRACE_STACK_BROKEN ? times : 0;
}

void raw_stacks_set_timed(struct raw_stacks *raw, uint32_t number)
{
    raw->stacks[number].timed = true;
}
