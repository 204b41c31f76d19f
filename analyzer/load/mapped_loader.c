/*
 * Ordering of mapping events. Its own file because ranges are given back by other threads
 * than made them.
 */
#include "analyzer/load/mapped_loader.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void mapped_loader_init(struct mapped_loader *loader, struct strings *strings)
{
    memset(loader, 0, sizeof(*loader));
    loader->strings = strings;
    mapped_replay_init(&loader->replay);
    loader->window = TIME_WINDOW_WHOLE;
    loader->index = key_table_new(sizeof(struct heap_place));
}

void mapped_loader_release(struct mapped_loader *loader)
{
    mapped_replay_release(&loader->replay);
    key_table_free(loader->index);
    free(loader->places);
    free(loader->pending);
    memset(loader, 0, sizeof(*loader));
}

static uint32_t site_of(struct mapped_loader *loader, const struct heap_place *place)
{
    size_t count = loader->replay.site_count;
    uint32_t site = key_table_add(loader->index, place, (uint32_t)count);

    if (site == count) {
        loader->places =
            memory_grow(loader->places, count, &loader->place_capacity, sizeof(*place));
        loader->places[mapped_replay_add_site(&loader->replay)] = *place;
    }
    return site;
}

void mapped_loader_add(struct mapped_loader *loader, const struct heap_place *place,
                       uint64_t time_ns, enum trace_mapping kind, uint64_t address, uint64_t length)
{
    loader->pending = memory_grow(loader->pending, loader->pending_count, &loader->pending_capacity,
                                  sizeof(*loader->pending));
    loader->pending[loader->pending_count++] =
        (struct mapped_pending){time_ns,
                                loader->events++,
                                address,
                                length,
                                place->thread,
                                kind,
                                kind >= TRACE_MAPPING_MAP ? site_of(loader, place) : 0};
}

/* By time; events of one moment in the order they were read, which is the thread's. */
static int compare(const void *left, const void *right)
{
    const struct mapped_pending *a = left, *b = right;

    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static void replay(struct mapped_replay *replay, const struct mapped_pending *event)
{
    switch (event->kind) {
    case TRACE_MAPPING_UNMAP:
        mapped_replay_unmap(replay, event->address, event->length);
        break;
    case TRACE_MAPPING_MOVED:
        mapped_replay_take(replay, event->thread, event->address, event->length);
        break;
    case TRACE_MAPPING_MAP:
        mapped_replay_map(replay, event->site, event->time_ns, event->address, event->length);
        break;
    case TRACE_MAPPING_MOVE:
        mapped_replay_put(replay, event->thread, event->site, event->time_ns, event->address,
                          event->length);
        break;
    }
}

/* What was made before the window only takes its place away from what was there. */
static void replay_in_window(struct mapped_loader *loader, const struct mapped_pending *event)
{
    if (event->time_ns >= loader->window.to_ns)
        return;
    if (event->time_ns < loader->window.from_ns)
        mapped_replay_unmap(&loader->replay, event->address, event->length);
    else
        replay(&loader->replay, event);
}

void mapped_loader_until(struct mapped_loader *loader, uint64_t until_ns)
{
    uint64_t safe_ns = heap_loader_safe(&loader->safe_ns, until_ns);
    size_t done = 0;

    if (loader->pending_count == 0 || safe_ns == 0)
        return;
    qsort(loader->pending, loader->pending_count, sizeof(*loader->pending), compare);
    while (done < loader->pending_count &&
           (loader->pending[done].time_ns < safe_ns || safe_ns == UINT64_MAX))
        replay_in_window(loader, &loader->pending[done++]);
    loader->pending_count -= done;
    memmove(loader->pending, loader->pending + done,
            loader->pending_count * sizeof(*loader->pending));
}

void mapped_loader_look(const struct mapped_loader *loader, struct profile_mapped *mapped,
                        const struct trace_resident *look)
{
    if (!time_window_holds(&loader->window, look->time_ns))
        return;
    mapped->looks = memory_grow(mapped->looks, mapped->look_count, &mapped->look_capacity,
                                sizeof(*mapped->looks));
    mapped->looks[mapped->look_count++] = (struct profile_resident){
        .time_ns = look->time_ns,
        .known = look->known,
        .resident = look->resident,
        .shared = look->shared,
        .live = look->live,
        .held = look->held,
        .held_resident = look->held_resident,
        .mapped = look->mapped,
        .mapped_resident = look->mapped_resident,
        .shmem = look->shmem,
        .large = look->large,
        .large_resident = look->large_resident,
        .stacks = look->stacks,
        .data = look->data,
        .own = look->own,
        .lazy = look->lazy,
        .loose = look->loose,
        .huge = look->huge,
        .hugetlb = look->hugetlb,
        .file = look->file_size > 0
                    ? strings_intern_bytes(loader->strings, look->file, look->file_size)
                    : NULL,
        .file_resident = look->file_resident,
        .highest = look->highest};
}

void mapped_loader_finish(struct mapped_loader *loader, struct profile_mapped *mapped)
{
    struct mapped_replay *replay = &loader->replay;

    mapped_loader_until(loader, UINT64_MAX);
    mapped_replay_settle(replay);
    mapped->live = replay->live;
    mapped->peak = replay->peak;
    mapped->peak_ns = replay->peak_ns;
    mapped->lost = loader->lost;
}
