/*
 * Chains of resized blocks. Its own file beside heap_replay.c because few programs
 * resize much, and what it holds per block is not wanted for all blocks.
 */
#include "analyzer/model/heap_chains.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 256 /* power of two */

struct heap_chains *heap_chains_new(bool sampled)
{
    struct heap_chains *chains = memory_alloc(sizeof(*chains));

    chains->sampled = sampled;
    chains->capacity = FIRST_CAPACITY;
    chains->live = memory_alloc(FIRST_CAPACITY * sizeof(*chains->live));
    return chains;
}

void heap_chains_free(struct heap_chains *chains)
{
    if (chains == NULL)
        return;
    free(chains->live);
    free(chains->pending);
    free(chains->exact);
    free(chains->estimated);
    free(chains->sums_of);
    free(chains);
}

static size_t home_of(const struct heap_chains *chains, uint64_t address)
{
    return (size_t)((address >> 4) * 0x9E3779B97F4A7C15u >> 20) & (chains->capacity - 1);
}

/* The place of the chain at `address`, or the empty one where it belongs. */
static struct heap_chain *find(struct heap_chains *chains, uint64_t address)
{
    size_t at = home_of(chains, address);

    while (chains->live[at].address != 0 && chains->live[at].address != address)
        at = (at + 1) & (chains->capacity - 1);
    return &chains->live[at];
}

static void grow(struct heap_chains *chains)
{
    struct heap_chain *old = chains->live;
    size_t capacity = chains->capacity;

    chains->capacity = 2 * capacity;
    chains->live = memory_alloc(chains->capacity * sizeof(*chains->live));
    for (size_t i = 0; i < capacity; i++)
        if (old[i].address != 0)
            *find(chains, old[i].address) = old[i];
    free(old);
}

static void put(struct heap_chains *chains, const struct heap_chain *chain)
{
    struct heap_chain *place;

    if (2 * (chains->count + 1) > chains->capacity)
        grow(chains);
    place = find(chains, chain->address);
    chains->count += place->address == 0;
    *place = *chain;
}

/* Empties a place and moves up the chains behind it that it kept from theirs. */
static void take(struct heap_chains *chains, struct heap_chain *chain)
{
    size_t mask = chains->capacity - 1;
    size_t hole = (size_t)(chain - chains->live);

    for (size_t at = (hole + 1) & mask; chains->live[at].address != 0; at = (at + 1) & mask) {
        size_t home = home_of(chains, chains->live[at].address);
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        chains->live[hole] = chains->live[at];
        hole = at;
    }
    chains->live[hole].address = 0;
    chains->count--;
}

/* Where the site's sums are; the first time they are new. */
static size_t sums_of(struct heap_chains *chains, uint32_t site)
{
    while (chains->site_count <= site) {
        chains->sums_of = memory_grow(chains->sums_of, chains->site_count, &chains->site_capacity,
                                      sizeof(*chains->sums_of));
        chains->sums_of[chains->site_count++] = 0;
    }
    if (chains->sums_of[site] == 0) {
        size_t number = chains->sum_count++;
        if (chains->sampled) {
            chains->estimated = memory_grow(chains->estimated, number, &chains->sum_capacity,
                                            sizeof(*chains->estimated));
            chains->estimated[number] = (struct heap_chain_sums){.chains = 0};
        } else {
            chains->exact =
                memory_grow(chains->exact, number, &chains->sum_capacity, sizeof(*chains->exact));
            chains->exact[number] = (struct heap_chain_tally){.chains = 0};
        }
        chains->sums_of[site] = (uint32_t)chains->sum_count;
    }
    return chains->sums_of[site] - 1;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void end_chain(struct heap_chains *chains, const struct heap_chain *chain)
{
    struct heap_chain_tally *tally = &chains->exact[sums_of(chains, chain->site)];

    tally->chains++;
    tally->longest = larger(tally->longest, chain->resizes);
    tally->worst_copied = larger(tally->worst_copied, chain->copied);
    tally->final_bytes += chain->size;
    tally->largest = larger(tally->largest, chain->size);
}

/* What `thread` resizes next. */
static void await(struct heap_chains *chains, uint32_t thread, const struct heap_chain *pending)
{
    while (chains->pending_count <= thread) {
        chains->pending = memory_grow(chains->pending, chains->pending_count,
                                      &chains->pending_capacity, sizeof(*chains->pending));
        chains->pending[chains->pending_count++] = (struct heap_chain){.address = 0};
    }
    chains->pending[thread] = *pending;
}

void heap_chains_resized(struct heap_chains *chains, uint32_t thread, uint64_t address,
                         uint64_t size)
{
    struct heap_chain pending = {.address = address, .size = size};
    struct heap_chain *chain = find(chains, address);

    if (chains->sampled)
        return;
    if (chain->address != 0) {
        pending.resizes = chain->resizes;
        pending.copied = chain->copied;
        take(chains, chain);
    }
    await(chains, thread, &pending);
}

void heap_chains_resize(struct heap_chains *chains, uint32_t thread, uint32_t site,
                        uint64_t address, uint64_t size, double weight)
{
    size_t number = sums_of(chains, site);
    struct heap_chain before = {.address = address};

    if (chains->sampled) {
        estimate_add(&chains->estimated[number].resizes, 1, weight);
        estimate_add(&chains->estimated[number].copied, (double)size, weight);
        return;
    }
    if (thread < chains->pending_count && chains->pending[thread].address != 0) {
        before = chains->pending[thread];
        chains->pending[thread].address = 0;
    }
    uint64_t copied = before.size < size ? before.size : size;
    struct heap_chain_tally *tally = &chains->exact[number];
    tally->resizes++;
    tally->copied += copied;
    tally->moved += before.address != address;
    put(chains, &(struct heap_chain){.address = address,
                                     .size = size,
                                     .resizes = before.resizes + 1,
                                     .copied = before.copied + copied,
                                     .site = site});
}

void heap_chains_end(struct heap_chains *chains, uint64_t address)
{
    struct heap_chain *chain;

    if (chains->count == 0)
        return;
    chain = find(chains, address);
    if (chain->address == 0)
        return;
    end_chain(chains, chain);
    take(chains, chain);
}

static void on_born(void *context, const struct heap_change *change)
{
    const struct heap_block *block = change->block;

    if (change->resized)
        heap_chains_resize(context, change->thread, block->site, block->address, block->size,
                           change->weight);
}

/* Blocks that realloc did not make are looked for in vain, out of cache. */
static void on_died(void *context, const struct heap_change *change)
{
    struct heap_chains *chains = context;
    const struct heap_block *block = change->block;

    if (chains->sampled)
        return;
    if (change->death == HEAP_RESIZED && block->resized)
        heap_chains_resized(chains, change->thread, block->address, block->size);
    else if (change->death == HEAP_RESIZED)
        await(chains, change->thread,
              &(struct heap_chain){.address = block->address, .size = block->size});
    else if (block->resized)
        heap_chains_end(chains, block->address);
}

void heap_chains_observe(struct heap_chains *chains, struct heap_replay *replay)
{
    heap_replay_observe(replay, (struct heap_observer){chains, on_born, on_died});
}

void heap_chains_restart(struct heap_chains *chains)
{
    if (chains->exact != NULL)
        memset(chains->exact, 0, chains->sum_count * sizeof(*chains->exact));
    if (chains->estimated != NULL)
        memset(chains->estimated, 0, chains->sum_count * sizeof(*chains->estimated));
}

void heap_chains_settle(struct heap_chains *chains)
{
    for (size_t i = 0; i < chains->capacity; i++)
        if (chains->live[i].address != 0)
            end_chain(chains, &chains->live[i]);
    memset(chains->live, 0, chains->capacity * sizeof(*chains->live));
    chains->count = 0;
}

bool heap_chains_of(const struct heap_chains *chains, uint32_t site, struct heap_chain_sums *sums)
{
    if (chains == NULL || site >= chains->site_count || chains->sums_of[site] == 0)
        return false;
    size_t number = chains->sums_of[site] - 1;
    if (chains->sampled) {
        *sums = chains->estimated[number];
        return true;
    }
    const struct heap_chain_tally *tally = &chains->exact[number];
    *sums = (struct heap_chain_sums){.resizes = estimate_known(tally->resizes, tally->resizes),
                                     .copied = estimate_known(tally->resizes, tally->copied),
                                     .chains = tally->chains,
                                     .moved = tally->moved,
                                     .longest = tally->longest,
                                     .worst_copied = tally->worst_copied,
                                     .final_bytes = tally->final_bytes,
                                     .largest = tally->largest};
    return true;
}

void heap_chain_sums_join(struct heap_chain_sums *sums, const struct heap_chain_sums *other)
{
    estimate_join(&sums->resizes, &other->resizes);
    estimate_join(&sums->copied, &other->copied);
    sums->chains += other->chains;
    sums->moved += other->moved;
    sums->longest = larger(sums->longest, other->longest);
    sums->worst_copied = larger(sums->worst_copied, other->worst_copied);
    sums->final_bytes += other->final_bytes;
    sums->largest = larger(sums->largest, other->largest);
}
