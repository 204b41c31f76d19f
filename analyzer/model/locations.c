/*
 * Frames to locations. Its own file because formats must agree on which frames share an address.
 */
#include "analyzer/model/locations.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

struct location_key {
    uint32_t frame, outer;
};

/* Of a call between two functions that are both inlined the addresses differ: a location ends at
 * the frame that is not inlined. */
static uint32_t outer_of(const struct locations *locations, const struct profile *profile,
                         const struct stack_node *node)
{
    const struct frame *frame = &profile->frames[node->frame];
    const uint32_t caller = locations->of_stack[node->parent];

    if (frame->kind != FRAME_INLINED || caller == LOCATION_NONE)
        return LOCATION_NONE;
    const struct frame *above = &profile->frames[locations->items[caller].frame];
    return above->address == frame->address && above->module == frame->module ? caller
                                                                              : LOCATION_NONE;
}

void locations_init(struct locations *locations, const struct profile *profile)
{
    struct key_table *table = key_table_new(sizeof(struct location_key));

    *locations = (struct locations){0};
    locations->of_stack = memory_alloc(profile->stack_count * sizeof(*locations->of_stack));
    locations->of_stack[STACK_NONE] = LOCATION_NONE;
    /* Callers have smaller numbers. */
    for (size_t i = STACK_NONE + 1; i < profile->stack_count; i++) {
        const struct stack_node *node = &profile->stacks[i];
        const struct location_key key = {node->frame, outer_of(locations, profile, node)};
        const uint32_t number = key_table_add(table, &key, (uint32_t)locations->count);
        if (number == locations->count) {
            locations->items = memory_grow(locations->items, locations->count, &locations->capacity,
                                           sizeof(*locations->items));
            locations->items[locations->count++] = (struct location){
                .frame = key.frame,
                .outer = key.outer,
                .depth = key.outer != LOCATION_NONE ? locations->items[key.outer].depth + 1 : 0};
        }
        locations->of_stack[i] = number;
    }
    key_table_free(table);
}

void locations_release(struct locations *locations)
{
    free(locations->items);
    free(locations->of_stack);
}

uint32_t locations_caller(const struct locations *locations, const struct profile *profile,
                          uint32_t stack)
{
    for (uint32_t left = locations->items[locations->of_stack[stack]].depth + 1; left > 0; left--)
        stack = profile->stacks[stack].parent;
    return stack;
}
