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
    const uint32_t caller = locations->of_stack[node->parent].location;

    if (frame->kind != FRAME_INLINED || caller == LOCATION_NONE)
        return LOCATION_NONE;
    const struct frame *above = &profile->frames[locations->items[caller].frame];
    return above->address == frame->address && above->module == frame->module ? caller
                                                                              : LOCATION_NONE;
}

static uint32_t append(struct locations *locations, const struct location_key *key)
{
    locations->items = memory_grow(locations->items, locations->count, &locations->capacity,
                                   sizeof(*locations->items));
    locations->items[locations->count] = (struct location){
        .frame = key->frame,
        .outer = key->outer,
        .depth = key->outer != LOCATION_NONE ? locations->items[key->outer].depth + 1 : 0};
    return (uint32_t)locations->count++;
}

/* Found by frame where nothing is inlined: that is most of all. */
struct finder {
    struct key_table *inlined;
    uint32_t *plain; /* by frame: number of its location plus 1 */
};

static uint32_t find(struct locations *locations, const struct finder *finder,
                     const struct location_key *key)
{
    uint32_t *plain = &finder->plain[key->frame];

    if (key->outer == LOCATION_NONE && *plain == 0)
        *plain = append(locations, key) + 1;
    if (key->outer == LOCATION_NONE)
        return *plain - 1;
    const uint32_t number = key_table_add(finder->inlined, key, (uint32_t)locations->count);
    return number == locations->count ? append(locations, key) : number;
}

void locations_init(struct locations *locations, const struct profile *profile)
{
    const struct finder finder = {
        .inlined = key_table_new(sizeof(struct location_key)),
        .plain = memory_alloc((profile->frame_count + 1) * sizeof(*finder.plain))};

    *locations = (struct locations){0};
    locations->of_stack = memory_alloc(profile->stack_count * sizeof(*locations->of_stack));
    locations->of_stack[STACK_NONE] = (struct located){LOCATION_NONE, STACK_NONE};
    /* Callers have smaller numbers. */
    for (size_t i = STACK_NONE + 1; i < profile->stack_count; i++) {
        const struct stack_node *node = &profile->stacks[i];
        const struct location_key key = {node->frame, outer_of(locations, profile, node)};
        locations->of_stack[i] = (struct located){
            .location = find(locations, &finder, &key),
            .caller = key.outer != LOCATION_NONE ? locations->of_stack[node->parent].caller
                                                 : node->parent};
    }
    key_table_free(finder.inlined);
    free(finder.plain);
}

void locations_release(struct locations *locations)
{
    free(locations->items);
    free(locations->of_stack);
}
