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
    loader->window.to_ns = UINT64_MAX;
    loader->index = key_table_new(sizeof(struct heap_place));
}

void heap_loader_release(struct heap_loader *loader)
{
    heap_chains_free(loader->replay.chains);
    heap_replay_release(&loader->replay);
    heap_timeline_free(loader->timeline);
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
        loader->places[heap_replay_add_site(&loader->replay)] = *place;
        if (loader->timeline != NULL)
            heap_timeline_add_site(loader->timeline, place->thread);
    }
    return site;
}

void heap_loader_add(struct heap_loader *loader, const struct heap_place *place, uint64_t time_ns,
                     enum trace_heap_event kind, uint64_t address, uint64_t size)
{
    loader->pending = memory_grow(loader->pending, loader->pending_count, &loader->pending_capacity,
                                  sizeof(*loader->pending));
    loader->pending[loader->pending_count++] =
        (struct heap_pending){.time_ns = time_ns,
                              .order = loader->events++,
                              .address = address,
                              .size = size,
                              .kind = kind,
                              .thread = place->thread,
                              .site = kind >= TRACE_HEAP_ALLOC ? site_of(loader, place) : 0};
}

/* By time; events of one moment in the order they were read, which is the thread's. */
static int compare(const void *left, const void *right)
{
    const struct heap_pending *a = left, *b = right;

    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static void begin(struct heap_loader *loader, uint64_t mean, uint64_t start_ns)
{
    struct heap_replay *heap = &loader->replay;

    heap->mean = mean;
    heap->chains = heap_chains_new(mean > 0);
    loader->timeline =
        heap_timeline_new(start_ns > loader->window.from_ns ? start_ns : loader->window.from_ns);
    for (size_t i = 0; i < heap->site_count; i++)
        heap_timeline_add_site(loader->timeline, loader->places[i].thread);
    if (loader->window.from_ns == 0)
        heap_timeline_watch(loader->timeline, heap);
}

static void enter_window(struct heap_loader *loader)
{
    heap_replay_restart(&loader->replay, loader->window.from_ns);
    heap_timeline_watch(loader->timeline, &loader->replay);
}

static void replay(struct heap_loader *loader, const struct heap_pending *event)
{
    struct heap_replay *heap = &loader->replay;
    const struct heap_window *window = &loader->window;

    if (event->time_ns >= window->to_ns)
        return;
    if (event->time_ns >= window->from_ns && heap->from_ns != window->from_ns)
        enter_window(loader);
    switch (event->kind) {
    case TRACE_HEAP_FREE:
    case TRACE_HEAP_TEMPORARY:
        heap_replay_free(heap, event->time_ns, event->address, event->kind == TRACE_HEAP_TEMPORARY);
        break;
    case TRACE_HEAP_RESIZED:
        heap_replay_resized(heap, event->thread, event->time_ns, event->address);
        break;
    case TRACE_HEAP_ALLOC:
        heap_replay_alloc(heap, event->site, event->time_ns, event->address, event->size);
        break;
    case TRACE_HEAP_RESIZE:
        heap_replay_resize(heap, event->thread, event->site, event->time_ns, event->address,
                           event->size);
        break;
    }
}

void heap_loader_until(struct heap_loader *loader, uint64_t until_ns, uint64_t mean,
                       uint64_t start_ns)
{
    size_t done = 0;

    if (loader->pending_count == 0)
        return;
    qsort(loader->pending, loader->pending_count, sizeof(*loader->pending), compare);
    if (loader->timeline == NULL)
        begin(loader, mean, start_ns != 0 ? start_ns : loader->pending[0].time_ns);
    while (done < loader->pending_count &&
           (loader->pending[done].time_ns < until_ns || until_ns == UINT64_MAX))
        replay(loader, &loader->pending[done++]);
    loader->pending_count -= done;
    memmove(loader->pending, loader->pending + done,
            loader->pending_count * sizeof(*loader->pending));
}

void heap_loader_finish(struct heap_loader *loader, struct profile_process *process)
{
    struct heap_replay *replay = &loader->replay;
    struct profile_heap *heap = &process->heap;
    uint64_t end_ns =
        process->end_ns < loader->window.to_ns ? process->end_ns : loader->window.to_ns;

    heap_loader_until(loader, UINT64_MAX, heap->interval, process->start_ns);
    if (loader->timeline == NULL)
        begin(loader, heap->interval, process->start_ns);
    if (replay->from_ns != loader->window.from_ns)
        enter_window(loader);
    heap_timeline_finish(loader->timeline, replay, end_ns);
    heap_replay_settle(replay);
    heap->allocated = replay->allocated;
    heap->live = replay->live;
    heap->peak = replay->peak;
    heap->peak_ns = replay->peak_ns;
    heap->sizes = replay->sizes;
    heap->lifetimes = replay->lifetimes;
    heap->lost = loader->lost;
    heap->timeline = loader->timeline;
    heap->chains = replay->chains;
    loader->timeline = NULL;
    replay->chains = NULL;
}
