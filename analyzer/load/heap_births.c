/* heap_births.h. Its own file because the replay knows sums and the loader order, neither time. */
#include "analyzer/load/heap_births.h"

static void on_born(void *context, const struct heap_change *change)
{
    struct heap_births *births = context;
    uint64_t size = change->block->size;
    uint64_t before = change->before != NULL ? change->before->size : 0;

    if (change->time_ns < births->from_ns || size <= before)
        return;
    double bytes = (double)(size - before) * change->weight;
    timed_parts_add(&births->parts,
                    &(struct timed_part){.time_ns = change->time_ns,
                                         .stack = change->block->site,
                                         .length = bytes < 0x1p62 ? (uint64_t)bytes : 0});
}

void heap_births_observe(struct heap_births *births, struct heap_replay *replay, uint64_t from_ns)
{
    if (!births->parts.wanted)
        return;
    births->from_ns = from_ns;
    timed_parts_slice(&births->parts, HEAP_BIRTHS_SLICE_NS);
    heap_replay_observe(replay, (struct heap_observer){.context = births, .born = on_born});
}

void heap_births_release(struct heap_births *births)
{
    timed_parts_release(&births->parts);
}

void heap_births_add(const struct heap_births *births, struct profile *profile,
                     const struct profile_heap_site *sites)
{
    for (size_t i = 0; i < births->parts.count; i++) {
        const struct timed_part *part = &births->parts.items[i];
        const struct profile_heap_site *site = &sites[part->stack];
        struct profile_place place = {site->thread, site->stack, site->region};
        allocations_add(&profile->allocations,
                        &(struct profile_allocation){part->time_ns, part->span_ns,
                                                     (double)part->length, place});
    }
}
