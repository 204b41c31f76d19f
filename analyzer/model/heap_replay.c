/*
 * Replaying the heap. Its own file because what happens once per event, millions of
 * times, has to be seen at a glance.
 */
#include "analyzer/model/heap_replay.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void heap_replay_init(struct heap_replay *replay, uint64_t mean)
{
    memset(replay, 0, sizeof(*replay));
    heap_replay_set_mean(replay, mean, 0);
    heap_blocks_init(&replay->blocks);
    replay->watcher.due_ns = replay->to_ns = UINT64_MAX;
}

void heap_replay_set_mean(struct heap_replay *replay, uint64_t mean, uint64_t charge)
{
    replay->mean = mean;
    replay->charge = charge;
    replay->sites.sampled = mean > 0;
}

void heap_replay_release(struct heap_replay *replay)
{
    heap_sites_release(&replay->sites);
    free(replay->allocations);
    free(replay->resized);
    heap_blocks_release(&replay->blocks);
    memset(replay, 0, sizeof(*replay));
}

void heap_replay_observe(struct heap_replay *replay, struct heap_observer observer)
{
    if (replay->observer_count == HEAP_OBSERVERS_MAX)
        abort();
    replay->observers[replay->observer_count++] = observer;
}

/* `*count` elements of `size` bytes become enough for number `last`, zeroed. */
static void *reach(void *array, size_t *count, size_t last, size_t size)
{
    if (last < *count)
        return array;
    size_t more = 2 * last + 16;
    array = memory_resize(array, more * size);
    memset((char *)array + *count * size, 0, (more - *count) * size);
    *count = more;
    return array;
}

uint32_t heap_replay_add_site(struct heap_replay *replay, uint32_t thread)
{
    replay->allocations =
        reach(replay->allocations, &replay->thread_count, thread, sizeof(*replay->allocations));
    return heap_sites_add(&replay->sites, thread);
}

/* --- sums --------------------------------------------------------------------- */

/* After every allocation: no site's live blocks need to be looked at. */
static void note_peak(struct heap_replay *replay, uint64_t time_ns)
{
    if (replay->live.bytes.total <= replay->peak.bytes.total)
        return;
    replay->peak = replay->live;
    replay->peak_ns = time_ns;
    heap_sites_peaked(&replay->sites);
}

/* --- blocks ------------------------------------------------------------------- */

/* Since the allocation, which was this one's, `thread` has allocated nothing. */
static bool is_temporary(const struct heap_replay *replay, uint32_t site, uint32_t allocation,
                         const struct heap_event *event)
{
    return event->kind == TRACE_HEAP_TEMPORARY ||
           (event->kind == TRACE_HEAP_FREE && replay->mean == 0 &&
            heap_sites_thread(&replay->sites, site) == event->thread &&
            replay->allocations[event->thread] == allocation);
}

static void tell_death(struct heap_replay *replay, const struct heap_block *block,
                       const struct heap_event *event, double weight, enum heap_death death)
{
    struct heap_change change = {.block = block,
                                 .time_ns = event->time_ns,
                                 .thread = event->thread,
                                 .weight = weight,
                                 .death = death};

    for (size_t i = 0; i < replay->observer_count; i++)
        if (replay->observers[i].died != NULL)
            replay->observers[i].died(replay->observers[i].context, &change);
}

/* `block` is no longer in the table. */
static void end_block(struct heap_replay *replay, const struct heap_block *block,
                      const struct heap_event *event, enum heap_death death)
{
    double weight = heap_replay_weight(replay, block->size);
    uint64_t lifetime = event->time_ns > block->time_ns ? event->time_ns - block->time_ns : 0;

    heap_sites_died(&replay->sites, block->site, block->size, weight);
    heap_amount_remove(&replay->live, block->size, weight);
    if (death == HEAP_TEMPORARY && block->time_ns >= replay->from_ns)
        heap_sites_temporary(&replay->sites, block->site, weight);
    heap_lives_add(&replay->lifetimes, lifetime, block->size, weight);
    if (replay->observer_count > 0)
        tell_death(replay, block, event, weight, death);
}

static void tell_birth(struct heap_replay *replay, const struct heap_block *block,
                       const struct heap_event *event, double weight)
{
    struct heap_change change = {.block = block,
                                 .time_ns = event->time_ns,
                                 .thread = event->thread,
                                 .weight = weight,
                                 .resized = event->kind == TRACE_HEAP_RESIZE};

    if (event->kind == TRACE_HEAP_RESIZE && event->stream < replay->stream_count &&
        replay->resized[event->stream].address != 0)
        change.before = &replay->resized[event->stream];
    for (size_t i = 0; i < replay->observer_count; i++)
        if (replay->observers[i].born != NULL)
            replay->observers[i].born(replay->observers[i].context, &change);
}

/* Sums of a block that begins; the table is not asked. */
static void begin_block(struct heap_replay *replay, const struct heap_block *block,
                        const struct heap_event *event)
{
    double weight = heap_replay_weight(replay, block->size);

    heap_sites_born(&replay->sites, block->site, block->size, weight);
    heap_amount_add(&replay->live, block->size, weight);
    heap_amount_add(&replay->allocated, block->size, weight);
    heap_sizes_add(&replay->sizes, block->size, weight);
    if (replay->observer_count > 0)
        tell_birth(replay, block, event, weight);
    note_peak(replay, event->time_ns);
}

/* The address of a live block is given out again. It is dead, only its free comes later. */
static void displace(struct heap_replay *replay, struct heap_block *block,
                     const struct heap_event *event)
{
    struct heap_block older = *block;

    heap_unpaired_put(&replay->displaced, &(struct heap_unpaired_event){
                                              .address = older.address,
                                              .time_ns = event->time_ns,
                                              .size = older.size,
                                              .site = older.site,
                                              .allocation = older.allocation,
                                          });
    replay->replaced++;
    heap_blocks_remove(&replay->blocks, block);
    end_block(replay, &older, event, HEAP_REPLACED);
}

/* Whether another thread's free of this address, by its clock at about the time of the
 * allocation, was replayed already. */
static bool was_freed(struct heap_replay *replay, const struct heap_event *event)
{
    struct heap_unpaired_event *early = heap_unpaired_find(&replay->early, event->address);

    if (early == NULL)
        return false;
    bool fits =
        early->thread != event->thread && event->time_ns - early->time_ns < HEAP_REPLAY_SKEW_NS;
    heap_unpaired_remove(&replay->early, early);
    replay->strays -= fits;
    return fits;
}

static void allocate(struct heap_replay *replay, const struct heap_event *event)
{
    struct heap_block *older = heap_blocks_find(&replay->blocks, event->address);
    struct heap_block block = {.address = event->address,
                               .size = event->size,
                               .time_ns = event->time_ns,
                               .site = event->site,
                               .resized = event->kind == TRACE_HEAP_RESIZE,
                               .allocation = ++replay->allocations[event->thread]};

    if (older != NULL)
        displace(replay, older, event);
    begin_block(replay, &block, event);
    if (replay->early.count > 0 && was_freed(replay, event))
        end_block(replay, &block, event, HEAP_FREED);
    else
        heap_blocks_add(&replay->blocks, &block);
}

/* Whether the free is that of an older block, which had this address before `block`: by
 * its time, or another thread's and so close to the allocation that clocks may differ. */
static bool is_of_older(struct heap_replay *replay, const struct heap_block *block,
                        const struct heap_event *event)
{
    struct heap_unpaired_event *older = heap_unpaired_find(&replay->displaced, event->address);

    if (older == NULL)
        return false;
    bool fits = block == NULL || event->time_ns < block->time_ns ||
                (block->time_ns == older->time_ns &&
                 event->time_ns - block->time_ns < HEAP_REPLAY_SKEW_NS &&
                 heap_sites_thread(&replay->sites, block->site) != event->thread);
    if (!fits)
        return false;
    if (is_temporary(replay, older->site, older->allocation, event))
        heap_sites_temporary(&replay->sites, older->site, heap_replay_weight(replay, older->size));
    heap_unpaired_remove(&replay->displaced, older);
    replay->replaced--;
    return true;
}

static void keep_resized(struct heap_replay *replay, const struct heap_block *block,
                         uint32_t stream)
{
    replay->resized =
        reach(replay->resized, &replay->stream_count, stream, sizeof(*replay->resized));
    replay->resized[stream] = *block;
}

static void release(struct heap_replay *replay, const struct heap_event *event)
{
    static const struct heap_block none = {.address = 0};
    struct heap_block *found = heap_blocks_find(&replay->blocks, event->address);
    enum heap_death death = HEAP_FREED;

    bool late = replay->displaced.count > 0 && is_of_older(replay, found, event);

    if (event->kind == TRACE_HEAP_RESIZED && replay->observer_count > 0)
        keep_resized(replay, found != NULL && !late ? found : &none, event->stream);
    if (late)
        return;
    /* The free of an older block may come late: its address had been given out again. */
    if (found == NULL || (event->time_ns < found->time_ns &&
                          found->time_ns - event->time_ns >= HEAP_REPLAY_SKEW_NS)) {
        replay->strays++;
        heap_unpaired_put(&replay->early, &(struct heap_unpaired_event){.address = event->address,
                                                                        .time_ns = event->time_ns,
                                                                        .thread = event->thread});
        return;
    }
    struct heap_block block = *found;
    heap_blocks_remove(&replay->blocks, found);
    if (event->kind == TRACE_HEAP_RESIZED)
        death = HEAP_RESIZED;
    else if (is_temporary(replay, block.site, block.allocation, event))
        death = HEAP_TEMPORARY;
    end_block(replay, &block, event, death);
}

static void watch(struct heap_replay *replay, uint64_t time_ns)
{
    struct heap_watcher *watcher = &replay->watcher;

    watcher->due_ns = watcher->look(watcher->context, replay, time_ns);
}

/* The sites of allocations, and of blocks that are freed and are where they are looked for
 * first. */
static void fetch_sites(const struct heap_replay *replay, const struct heap_event *events,
                        size_t count)
{
    const struct heap_blocks *blocks = &replay->blocks;

    for (size_t i = 0; i < count; i++) {
        const struct heap_block *block =
            &blocks->table[heap_blocks_home(blocks, events[i].address)];
        if (events[i].kind >= TRACE_HEAP_ALLOC)
            heap_sites_prefetch(&replay->sites, events[i].site);
        else if (block->address == events[i].address)
            heap_sites_prefetch(&replay->sites, block->site);
    }
}

/* The table is far larger than caches: all its places that are needed are asked for
 * before the first is. */
void heap_replay_events(struct heap_replay *replay, const struct heap_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(
            &replay->blocks.table[heap_blocks_home(&replay->blocks, events[i].address)]);
    if (replay->sites.count > HEAP_SITES_MANY)
        fetch_sites(replay, events, count);
    for (size_t i = 0; i < count; i++) {
        if (events[i].time_ns >= replay->to_ns)
            continue;
        if (events[i].time_ns >= replay->watcher.due_ns)
            watch(replay, events[i].time_ns);
        if (events[i].kind >= TRACE_HEAP_ALLOC)
            allocate(replay, &events[i]);
        else
            release(replay, &events[i]);
    }
}

void heap_replay_restart(struct heap_replay *replay, uint64_t from_ns)
{
    heap_sites_restart(&replay->sites);
    replay->allocated = (struct heap_amount){.count = {0}};
    memset(&replay->sizes, 0, sizeof(replay->sizes));
    memset(&replay->lifetimes, 0, sizeof(replay->lifetimes));
    replay->from_ns = from_ns;
    replay->peak = replay->live;
    replay->peak_ns = replay->live.count.total > 0 ? from_ns : 0;
}

/* Only what was allocated since the restart is live. */
static void forget_older(struct heap_replay *replay)
{
    heap_sites_clear_live(&replay->sites);
    replay->live = (struct heap_amount){.count = {0}};
    for (size_t i = 0; i < replay->blocks.capacity; i++) {
        const struct heap_block *block = &replay->blocks.table[i];
        if (block->address == 0 || block->time_ns < replay->from_ns)
            continue;
        double weight = heap_replay_weight(replay, block->size);
        heap_sites_keep(&replay->sites, block->site, block->size, weight);
        heap_amount_add(&replay->live, block->size, weight);
    }
}

void heap_replay_settle(struct heap_replay *replay)
{
    heap_sites_settle(&replay->sites);
    if (replay->from_ns != 0)
        forget_older(replay);
}
