/*
 * Unpaired events. Its own file because what is rare would hide what happens with
 * every event.
 */
#include "analyzer/model/heap_unpaired.h"

#include <stddef.h>

static size_t set_of(uint64_t address)
{
    return (size_t)((address >> 4) * 0x9E3779B97F4A7C15u >> 58) % HEAP_UNPAIRED_SETS;
}

void heap_unpaired_put(struct heap_unpaired *unpaired, const struct heap_unpaired_event *event)
{
    size_t set = set_of(event->address);
    struct heap_unpaired_event *way =
        &unpaired->events[set][unpaired->next[set]++ % HEAP_UNPAIRED_WAYS];

    unpaired->count += way->address == 0;
    *way = *event;
}

struct heap_unpaired_event *heap_unpaired_find(struct heap_unpaired *unpaired, uint64_t address)
{
    struct heap_unpaired_event *ways = unpaired->events[set_of(address)];

    for (size_t i = 0; i < HEAP_UNPAIRED_WAYS; i++)
        if (ways[i].address == address)
            return &ways[i];
    return NULL;
}

void heap_unpaired_remove(struct heap_unpaired *unpaired, struct heap_unpaired_event *event)
{
    event->address = 0;
    unpaired->count--;
}
