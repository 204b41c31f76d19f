/*
 * Numbering of places. Its own file because its table is tuned for many look-ups at once.
 */
#include "analyzer/load/heap_places.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024 /* power of two */
#define AHEAD 32         /* look-ups under way at a time */

void heap_places_init(struct heap_places *places)
{
    memset(places, 0, sizeof(*places));
    places->slot_count = FIRST_SLOTS;
    places->slots = memory_alloc(FIRST_SLOTS * sizeof(*places->slots));
}

void heap_places_release(struct heap_places *places)
{
    free(places->items);
    free(places->slots);
    memset(places, 0, sizeof(*places));
}

static size_t home_of(const struct heap_places *places, const struct heap_place *place)
{
    uint64_t hash = ((uint64_t)place->thread << 32 | place->stack) * 0x9E3779B97F4A7C15u;

    hash = (hash ^ hash >> 32 ^ place->region) * 0xD6E8FEB86659FD93u;
    return (size_t)(hash >> 24) & (places->slot_count - 1);
}

/* Where `place` is, or belongs. */
static struct heap_place_slot *slot_of(const struct heap_places *places,
                                       const struct heap_place *place)
{
    size_t at = home_of(places, place);

    while (places->slots[at].taken != 0 && (places->slots[at].place.stack != place->stack ||
                                            places->slots[at].place.thread != place->thread ||
                                            places->slots[at].place.region != place->region))
        at = (at + 1) & (places->slot_count - 1);
    return &places->slots[at];
}

static void grow(struct heap_places *places)
{
    free(places->slots);
    places->slot_count *= 2;
    places->slots = memory_alloc(places->slot_count * sizeof(*places->slots));
    for (size_t i = 0; i < places->count; i++)
        *slot_of(places, &places->items[i]) =
            (struct heap_place_slot){places->items[i], (uint32_t)i + 1};
}

static uint32_t number_of(struct heap_places *places, const struct heap_place *place)
{
    struct heap_place_slot *slot = slot_of(places, place);

    if (slot->taken != 0)
        return slot->taken - 1;
    places->items =
        memory_grow(places->items, places->count, &places->capacity, sizeof(*places->items));
    places->items[places->count++] = *place;
    *slot = (struct heap_place_slot){*place, (uint32_t)places->count};
    if (2 * places->count > places->slot_count)
        grow(places);
    return (uint32_t)places->count - 1;
}

void heap_places_find(struct heap_places *places, const struct heap_place *wanted,
                      uint32_t *numbers, size_t count)
{
    for (size_t i = 0; i < count + AHEAD; i++) {
        if (i < count)
            __builtin_prefetch(&places->slots[home_of(places, &wanted[i])]);
        if (i >= AHEAD)
            numbers[i - AHEAD] = number_of(places, &wanted[i - AHEAD]);
    }
}
