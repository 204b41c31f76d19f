/*
 * The heap replayed: allocations and frees in the order they happened become sums per
 * site (whatever the caller counts apart, a stack of a thread, say): what was
 * allocated, what was live at the end and at the moment of the highest heap, what was
 * temporary. Each block counts for as many as it was sampled for (estimate.h).
 *
 * Memory grows with sites and live blocks, not with events; an event costs the same
 * however many there were. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_HEAP_REPLAY_H
#define PROFINJECT_MODEL_HEAP_REPLAY_H

#include "analyzer/model/estimate.h"
#include "preload/contract/trace_format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks: how many, and their bytes as asked for. */
struct heap_amount {
    struct estimate count, bytes;
};

/* What is known of a site. */
struct heap_site {
    struct heap_amount allocated, live, peak; /* peak: live at the highest heap */
    struct estimate temporary;                /* freed before the thread allocated again */
    uint32_t peak_seen;                       /* number of the last peak `peak` is right for */
};

/* Adds what another site did. */
void heap_amount_join(struct heap_amount *amount, const struct heap_amount *other);
void heap_site_join(struct heap_site *site, const struct heap_site *other);

struct heap_block {
    uint64_t address; /* 0: an empty place of the table */
    uint64_t size, time_ns;
    uint32_t site;
};

/* Numbers by the logarithm of something, trace_bucket_of(). */
struct heap_histogram {
    double number[TRACE_BUCKETS];
};

struct heap_replay {
    uint64_t mean; /* bytes between samples, 0: every block is there */
    struct heap_site *sites;
    size_t site_count, site_capacity;
    struct heap_block *blocks; /* live ones, by address; open addressing */
    size_t block_count, block_capacity;
    struct heap_amount live;                /* now */
    struct heap_amount peak;                /* when it was highest */
    uint64_t peak_ns;                       /* that moment; 0: never anything */
    uint32_t peaks;                         /* so many so far: numbers them */
    struct heap_histogram sizes, lifetimes; /* blocks by bytes; freed ones by ns */
    uint64_t strays;                        /* frees of blocks nobody allocated */
    uint64_t replaced; /* live blocks allocated once more: their free is missing */
};

void heap_replay_init(struct heap_replay *replay, uint64_t mean);
void heap_replay_release(struct heap_replay *replay);

/* A new site; they are numbered from 0. */
uint32_t heap_replay_add_site(struct heap_replay *replay);

/* Events in order of time. `address` is not 0; `temporary`: the thread that allocated
 * the block frees it, and has allocated nothing since. */
void heap_replay_alloc(struct heap_replay *replay, uint32_t site, uint64_t time_ns,
                       uint64_t address, uint64_t size);
void heap_replay_free(struct heap_replay *replay, uint64_t time_ns, uint64_t address,
                      bool temporary);

/* Makes `peak` of all sites right. After the last event; more may follow. */
void heap_replay_settle(struct heap_replay *replay);

#endif
