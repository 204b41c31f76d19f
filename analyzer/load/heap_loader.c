/*
 * Ordering of heap events. Its own file because the order of events of different
 * threads is what decides whose block a free frees.
 */
#include "analyzer/load/heap_loader.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void heap_loader_init(struct heap_loader *loader)
{
    memset(loader, 0, sizeof(*loader));
    heap_replay_init(&loader->replay, 0);
    loader->index = key_table_new(sizeof(struct heap_place));
    heap_merge_init(&loader->merge, &loader->replay);
}

void heap_loader_release(struct heap_loader *loader)
{
    heap_merge_release(&loader->merge);
    heap_replay_release(&loader->replay);
    free(loader->sites);
    key_table_free(loader->index);
    free(loader->places);
    free(loader->pending);
    memset(loader, 0, sizeof(*loader));
}

static uint32_t site_of(struct heap_loader *loader, const struct heap_place *place)
{
    size_t count = loader->replay.site_count;
    uint32_t site = key_table_add(loader->index, place, (uint32_t)count);

    if (site == count) {
        loader->places =
            memory_grow(loader->places, count, &loader->place_capacity, sizeof(*place));
        loader->places[heap_replay_add_site(&loader->replay, place->thread)] = *place;
    }
    return site;
}

void heap_loader_add(struct heap_loader *loader, const struct heap_place *place,
                     struct heap_event event)
{
    event.thread = event.stream = place->thread;
    event.site = event.kind >= TRACE_HEAP_ALLOC ? site_of(loader, place) : 0;
    loader->pending = memory_grow(loader->pending, loader->pending_count, &loader->pending_capacity,
                                  sizeof(*loader->pending));
    loader->pending[loader->pending_count++] = (struct heap_pending){event, loader->events++};
}

/* By time; events of one moment in the order they were read, which is the thread's. */
static int compare(const void *left, const void *right)
{
    const struct heap_pending *a = left, *b = right;

    if (a->event.time_ns != b->event.time_ns)
        return a->event.time_ns < b->event.time_ns ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

void heap_loader_until(struct heap_loader *loader, uint64_t until_ns, uint64_t mean)
{
    size_t done = 0;

    loader->replay.mean = mean;
    if (loader->pending_count == 0)
        return;
    qsort(loader->pending, loader->pending_count, sizeof(*loader->pending), compare);
    while (done < loader->pending_count &&
           (loader->pending[done].event.time_ns < until_ns || until_ns == UINT64_MAX))
        heap_replay_events(&loader->replay, &loader->pending[done++].event, 1);
    loader->pending_count -= done;
    memmove(loader->pending, loader->pending + done,
            loader->pending_count * sizeof(*loader->pending));
}

static uint32_t raw_stack_of(const struct numbers *stacks, uint64_t number)
{
    return number >= TRACE_STACK_FIRST    ? stacks->meaning[number - TRACE_STACK_FIRST]
           : number <= TRACE_STACK_BROKEN ? (uint32_t)number
                                          : TRACE_STACK_BROKEN;
}

void heap_loader_segment(struct heap_loader *loader, uint32_t thread, const struct numbers *stacks,
                         const struct trace_heap_segment *segment)
{
    if (segment->place_count > loader->site_capacity) {
        loader->site_capacity = segment->place_count;
        loader->sites =
            memory_resize(loader->sites, loader->site_capacity * sizeof(*loader->sites));
    }
    for (size_t i = 0; i < segment->place_count; i++) {
        const struct trace_heap_place *place = &segment->places[i];
        loader->sites[i] =
            site_of(loader, &(struct heap_place){thread, raw_stack_of(stacks, place->stack),
                                                 (uint32_t)place->region});
    }
    heap_merge_add(&loader->merge, thread, segment, loader->sites);
}

void heap_loader_clock(struct heap_loader *loader, uint64_t ticks, uint64_t time_ns)
{
    heap_merge_until(&loader->merge, ticks, time_ns);
}

void heap_loader_finish(struct heap_loader *loader, struct profile_heap *heap)
{
    struct heap_replay *replay = &loader->replay;

    heap_loader_until(loader, UINT64_MAX, heap->interval);
    heap_merge_finish(&loader->merge);
    heap_replay_settle(replay);
    heap->live = replay->live;
    heap->peak = replay->peak;
    heap->peak_ns = replay->peak_ns;
    heap->sizes = replay->sizes;
    heap->lifetimes = replay->lifetimes;
    heap->lost = loader->lost;
    heap->segments_lost = loader->merge.segments_lost;
}
