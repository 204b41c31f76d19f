/*
 * Ordering of heap events. Its own file because the order of events of different
 * threads is what decides whose block a free frees.
 */
#include "analyzer/load/heap_loader.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* A thread that loses its processor between a free and its record tells of it so much later. */
#define LATE_NS 100000000u

/* Places are numbered as the replay's sites. */
static void find_sites(struct heap_loader *loader, const struct heap_place *places, uint32_t *sites,
                       size_t count)
{
    struct heap_replay *replay = &loader->replay;

    heap_places_find(&loader->places, places, sites, count);
    while (replay->sites.count < loader->places.count)
        heap_replay_add_site(replay, loader->places.items[replay->sites.count].thread);
}

void heap_loader_add(struct heap_loader *loader, const struct heap_place *place,
                     struct heap_event event)
{
    event.thread = event.stream = place->thread;
    event.site = 0;
    if (event.kind >= TRACE_HEAP_ALLOC)
        find_sites(loader, place, &event.site, 1);
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

static void enter_window(struct heap_loader *loader)
{
    heap_replay_restart(&loader->replay, loader->window.from_ns);
    heap_chains_restart(loader->chains);
}

/* The replay's watcher: at the window's beginning, and when the timeline wants to look. */
static uint64_t look(void *context, const struct heap_replay *replay, uint64_t time_ns)
{
    struct heap_loader *loader = context;

    if (replay->from_ns != loader->window.from_ns)
        enter_window(loader);
    return heap_timeline_look(loader->timeline, replay, time_ns);
}

void heap_loader_begin(struct heap_loader *loader, uint64_t mean, uint64_t start_ns,
                       uint64_t end_ns)
{
    struct heap_replay *replay = &loader->replay;
    uint64_t from_ns = loader->window.from_ns;

    heap_replay_set_mean(replay, mean, loader->charge);
    replay->to_ns = loader->window.to_ns;
    replay->watcher = (struct heap_watcher){from_ns, look, loader};
    loader->chains = heap_chains_new(mean > 0);
    heap_chains_observe(loader->chains, replay);
    heap_births_observe(&loader->births, replay, from_ns);
    loader->timeline =
        heap_timeline_new(start_ns > from_ns ? start_ns : from_ns,
                          end_ns < loader->window.to_ns ? end_ns : loader->window.to_ns);
}

void heap_loader_init(struct heap_loader *loader)
{
    memset(loader, 0, sizeof(*loader));
    heap_replay_init(&loader->replay, 0);
    loader->window = TIME_WINDOW_WHOLE;
    heap_places_init(&loader->places);
    heap_merge_init(&loader->merge, &loader->replay);
}

void heap_loader_release(struct heap_loader *loader)
{
    heap_merge_release(&loader->merge);
    heap_births_release(&loader->births);
    heap_replay_release(&loader->replay);
    free(loader->sites);
    free(loader->wanted);
    heap_timeline_free(loader->timeline);
    heap_chains_free(loader->chains);
    heap_places_release(&loader->places);
    free(loader->pending);
    memset(loader, 0, sizeof(*loader));
}

uint64_t heap_loader_safe(uint64_t *last_ns, uint64_t until_ns)
{
    if (until_ns == UINT64_MAX)
        return until_ns;
    if (until_ns < *last_ns + 2 * LATE_NS)
        return 0;
    return *last_ns = until_ns - LATE_NS;
}

void heap_loader_until(struct heap_loader *loader, uint64_t until_ns)
{
    uint64_t safe_ns = heap_loader_safe(&loader->safe_ns, until_ns);
    size_t done = 0;

    if (loader->pending_count == 0 || safe_ns == 0)
        return;
    qsort(loader->pending, loader->pending_count, sizeof(*loader->pending), compare);
    while (done < loader->pending_count &&
           (loader->pending[done].event.time_ns < safe_ns || safe_ns == UINT64_MAX))
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
    if (segment->place_count > loader->wanted_count) {
        loader->wanted_count = segment->place_count;
        loader->wanted =
            memory_resize(loader->wanted, loader->wanted_count * sizeof(*loader->wanted));
        loader->sites = memory_resize(loader->sites, loader->wanted_count * sizeof(*loader->sites));
    }
    for (size_t i = 0; i < segment->place_count; i++) {
        const struct trace_heap_place *place = &segment->places[i];
        loader->wanted[i] = (struct heap_place){thread, raw_stack_of(stacks, place->stack),
                                                (uint32_t)place->region};
    }
    find_sites(loader, loader->wanted, loader->sites, segment->place_count);
    heap_merge_add(&loader->merge, thread, segment, loader->sites);
}

void heap_loader_clock(struct heap_loader *loader, uint64_t ticks, uint64_t time_ns)
{
    heap_merge_until(&loader->merge, ticks, time_ns);
}

void heap_loader_finish(struct heap_loader *loader, struct profile_process *process)
{
    struct heap_replay *replay = &loader->replay;
    struct profile_heap *heap = &process->heap;
    uint64_t end_ns =
        process->end_ns < loader->window.to_ns ? process->end_ns : loader->window.to_ns;

    heap_loader_until(loader, UINT64_MAX);
    heap_merge_finish(&loader->merge);
    if (loader->timeline == NULL)
        heap_loader_begin(loader, heap->interval, process->start_ns, end_ns);
    if (replay->from_ns != loader->window.from_ns)
        enter_window(loader);
    heap_timeline_finish(loader->timeline, replay, end_ns);
    heap_replay_settle(replay);
    heap_chains_settle(loader->chains);
    heap->allocated = replay->allocated;
    heap->live = replay->live;
    heap->peak = replay->peak;
    heap->peak_ns = replay->peak_ns;
    heap->sizes = replay->sizes;
    heap->lifetimes = replay->lifetimes;
    heap->lost = loader->lost;
    heap->segments_lost = loader->merge.segments_lost;
    heap->unknown_frees = replay->strays;
    heap->missing_frees = replay->replaced;
    heap->sites = replay->sites;
    heap->timeline = loader->timeline;
    heap->chains = loader->chains;
    replay->sites = (struct heap_sites){.count = 0};
    loader->timeline = NULL;
    loader->chains = NULL;
}
