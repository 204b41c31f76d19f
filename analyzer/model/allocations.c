/* allocations.h. Its own file because sites of the heap forget the time. */
#include "analyzer/model/allocations.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void allocations_add(struct allocations *allocations, const struct profile_allocation *allocation)
{
    allocations->items = memory_grow(allocations->items, allocations->count, &allocations->capacity,
                                     sizeof(*allocations->items));
    allocations->items[allocations->count++] = *allocation;
}

void allocations_release(struct allocations *allocations)
{
    free(allocations->items);
    memset(allocations, 0, sizeof(*allocations));
}

void allocations_keep(struct allocations *allocations,
                      bool (*keep)(const void *context, const struct profile_place *place),
                      const void *context)
{
    size_t count = 0;

    for (size_t i = 0; i < allocations->count; i++)
        if (keep(context, &allocations->items[i].place))
            allocations->items[count++] = allocations->items[i];
    allocations->count = count;
}
