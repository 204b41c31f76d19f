/*
 * Replaying the heap. Its own file because what happens once per event, millions of
 * times, has to be seen at a glance.
 */
#include "analyzer/model/heap_replay.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 1024 /* power of two */

void heap_replay_init(struct heap_replay *replay, uint64_t mean)
{
    memset(replay, 0, sizeof(*replay));
    replay->mean = mean;
    replay->block_capacity = FIRST_CAPACITY;
    replay->blocks = memory_alloc(FIRST_CAPACITY * sizeof(*replay->blocks));
    replay->watcher.due_ns = UINT64_MAX;
}

void heap_replay_release(struct heap_replay *replay)
{
    free(replay->sites);
    free(replay->blocks);
    memset(replay, 0, sizeof(*replay));
}

uint32_t heap_replay_add_site(struct heap_replay *replay)
{
    replay->sites = memory_grow(replay->sites, replay->site_count, &replay->site_capacity,
                                sizeof(*replay->sites));
    replay->sites[replay->site_count] = (struct heap_site){.peak_seen = replay->peaks};
    return (uint32_t)replay->site_count++;
}

void heap_site_join(struct heap_site *site, const struct heap_site *other)
{
    heap_amount_join(&site->allocated, &other->allocated);
    heap_amount_join(&site->live, &other->live);
    heap_amount_join(&site->peak, &other->peak);
    estimate_join(&site->temporary, &other->temporary);
}

/* --- live blocks -------------------------------------------------------------- */

/* Allocators align blocks to 16 bytes: what is below says nothing. */
static size_t home_of(const struct heap_replay *replay, uint64_t address)
{
    return (size_t)((address >> 4) * 0x9E3779B97F4A7C15u >> 20) & (replay->block_capacity - 1);
}

/* The place of the block at `address`, or the empty one where it belongs. */
static struct heap_block *find_block(struct heap_replay *replay, uint64_t address)
{
    size_t at = home_of(replay, address);

    while (replay->blocks[at].address != 0 && replay->blocks[at].address != address)
        at = (at + 1) & (replay->block_capacity - 1);
    return &replay->blocks[at];
}

static void grow_blocks(struct heap_replay *replay)
{
    struct heap_block *old = replay->blocks;
    size_t capacity = replay->block_capacity;

    replay->block_capacity = 2 * capacity;
    replay->blocks = memory_alloc(replay->block_capacity * sizeof(*replay->blocks));
    for (size_t i = 0; i < capacity; i++)
        if (old[i].address != 0)
            *find_block(replay, old[i].address) = old[i];
    free(old);
}

/* Empties a place and moves up the blocks behind it that it kept from theirs. */
static void remove_block(struct heap_replay *replay, struct heap_block *block)
{
    size_t mask = replay->block_capacity - 1;
    size_t hole = (size_t)(block - replay->blocks);

    for (size_t at = (hole + 1) & mask; replay->blocks[at].address != 0; at = (at + 1) & mask) {
        size_t home = home_of(replay, replay->blocks[at].address);
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        replay->blocks[hole] = replay->blocks[at];
        hole = at;
    }
    replay->blocks[hole].address = 0;
    replay->block_count--;
}

/* --- sums --------------------------------------------------------------------- */

static void amount_remove(struct heap_amount *amount, uint64_t size, double weight)
{
    estimate_remove(&amount->count, 1, weight);
    estimate_remove(&amount->bytes, (double)size, weight);
}

/* A site's live blocks are about to change: since the last peak they had not, if it has
 * not been seen here. So a peak costs nothing, though it may come with every event. */
static void keep_peak(const struct heap_replay *replay, struct heap_site *site)
{
    if (site->peak_seen == replay->peaks)
        return;
    site->peak = site->live;
    site->peak_seen = replay->peaks;
}

/* After every allocation: no site's live blocks need to be looked at. */
static void note_peak(struct heap_replay *replay, uint64_t time_ns)
{
    if (replay->live.bytes.total <= replay->peak.bytes.total)
        return;
    replay->peak = replay->live;
    replay->peak_ns = time_ns;
    replay->peaks++;
}

/* `freed`: and not of another size now. */
static void end_block(struct heap_replay *replay, struct heap_block *block, uint64_t time_ns,
                      bool temporary, bool freed)
{
    struct heap_site *site = &replay->sites[block->site];
    double weight = estimate_weight(block->size, replay->mean);
    uint64_t lifetime = time_ns > block->time_ns ? time_ns - block->time_ns : 0;

    if (freed && replay->chains != NULL)
        heap_chains_end(replay->chains, block->address);
    keep_peak(replay, site);
    amount_remove(&site->live, block->size, weight);
    amount_remove(&replay->live, block->size, weight);
    if (temporary && block->time_ns >= replay->from_ns)
        estimate_add(&site->temporary, 1, weight);
    heap_lives_add(&replay->lifetimes, lifetime, block->size, weight);
    remove_block(replay, block);
}

static void watch(struct heap_replay *replay, uint64_t time_ns)
{
    struct heap_watcher *watcher = &replay->watcher;

    if (time_ns >= watcher->due_ns)
        watcher->due_ns = watcher->look(watcher->context, replay, time_ns);
}

void heap_replay_alloc(struct heap_replay *replay, uint32_t number, uint64_t time_ns,
                       uint64_t address, uint64_t size)
{
    struct heap_site *site = &replay->sites[number];
    double weight = estimate_weight(size, replay->mean);

    watch(replay, time_ns);
    struct heap_block *block = find_block(replay, address);
    if (block->address != 0) {
        replay->replaced++;
        end_block(replay, block, time_ns, false, true);
    }
    if (4 * (replay->block_count + 1) > 3 * replay->block_capacity)
        grow_blocks(replay);
    *find_block(replay, address) = (struct heap_block){address, size, time_ns, number};
    replay->block_count++;
    keep_peak(replay, site);
    heap_amount_add(&site->allocated, size, weight);
    heap_amount_add(&site->live, size, weight);
    heap_amount_add(&replay->live, size, weight);
    heap_amount_add(&replay->allocated, size, weight);
    heap_sizes_add(&replay->sizes, size, weight);
    note_peak(replay, time_ns);
}

/* NULL, and counted: nothing to free. */
static struct heap_block *block_to_free(struct heap_replay *replay, uint64_t time_ns,
                                        uint64_t address)
{
    watch(replay, time_ns);
    struct heap_block *block = find_block(replay, address);
    /* The free of an older block may come late: its address had been given out again. */
    if (block->address != 0 && time_ns >= block->time_ns)
        return block;
    replay->strays++;
    return NULL;
}

void heap_replay_free(struct heap_replay *replay, uint64_t time_ns, uint64_t address,
                      bool temporary)
{
    struct heap_block *block = block_to_free(replay, time_ns, address);

    if (block != NULL)
        end_block(replay, block, time_ns, temporary, true);
}

void heap_replay_resized(struct heap_replay *replay, uint32_t thread, uint64_t time_ns,
                         uint64_t address)
{
    struct heap_block *block = block_to_free(replay, time_ns, address);

    if (block == NULL)
        return;
    if (replay->chains != NULL)
        heap_chains_resized(replay->chains, thread, address, block->size);
    end_block(replay, block, time_ns, false, false);
}

void heap_replay_resize(struct heap_replay *replay, uint32_t thread, uint32_t site,
                        uint64_t time_ns, uint64_t address, uint64_t size)
{
    heap_replay_alloc(replay, site, time_ns, address, size);
    if (replay->chains != NULL)
        heap_chains_resize(replay->chains, thread, site, address, size,
                           estimate_weight(size, replay->mean));
}

void heap_replay_restart(struct heap_replay *replay, uint64_t from_ns)
{
    for (size_t i = 0; i < replay->site_count; i++) {
        replay->sites[i].allocated = (struct heap_amount){.count = {0}};
        replay->sites[i].temporary = (struct estimate){0};
    }
    replay->allocated = (struct heap_amount){.count = {0}};
    memset(&replay->sizes, 0, sizeof(replay->sizes));
    memset(&replay->lifetimes, 0, sizeof(replay->lifetimes));
    replay->from_ns = from_ns;
    replay->peak = replay->live;
    replay->peak_ns = replay->live.count.total > 0 ? from_ns : 0;
    replay->peaks++;
    if (replay->chains != NULL)
        heap_chains_restart(replay->chains);
}

/* Only what was allocated since the restart is live. */
static void forget_older(struct heap_replay *replay)
{
    for (size_t i = 0; i < replay->site_count; i++)
        replay->sites[i].live = (struct heap_amount){.count = {0}};
    replay->live = (struct heap_amount){.count = {0}};
    for (size_t i = 0; i < replay->block_capacity; i++) {
        const struct heap_block *block = &replay->blocks[i];
        double weight = estimate_weight(block->size, replay->mean);
        if (block->address == 0 || block->time_ns < replay->from_ns)
            continue;
        heap_amount_add(&replay->sites[block->site].live, block->size, weight);
        heap_amount_add(&replay->live, block->size, weight);
    }
}

void heap_replay_settle(struct heap_replay *replay)
{
    for (size_t i = 0; i < replay->site_count; i++)
        keep_peak(replay, &replay->sites[i]);
    if (replay->from_ns != 0)
        forget_older(replay);
    if (replay->chains != NULL)
        heap_chains_settle(replay->chains);
}
