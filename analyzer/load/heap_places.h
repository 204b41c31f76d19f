/*
 * The places of a heap: who allocated where, numbered from 0 in the order they were met.
 * A table of its own rather than util/key_table.h because records of exact events ask for
 * hundreds of places at once: with the table's lines fetched ahead, 2 * 10^7 look-ups among
 * 260 000 cost 0.9 s and not 10.
 *
 * Memory grows with distinct places. Owns its arrays. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_HEAP_PLACES_H
#define PROFINJECT_LOAD_HEAP_PLACES_H

#include <stddef.h>
#include <stdint.h>

/* A stack of a thread in a region. */
struct heap_place {
    uint32_t thread, stack, region;
};

struct heap_place_slot {
    struct heap_place place;
    uint32_t taken; /* number + 1; 0: empty */
};

struct heap_places {
    struct heap_place *items; /* by number */
    size_t count, capacity;
    struct heap_place_slot *slots; /* open addressing */
    size_t slot_count;             /* a power of two */
};

void heap_places_init(struct heap_places *places);
void heap_places_release(struct heap_places *places);

/* The number of each of `count` places; those that are new are added. */
void heap_places_find(struct heap_places *places, const struct heap_place *wanted,
                      uint32_t *numbers, size_t count);

#endif
