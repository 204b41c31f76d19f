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

#include "analyzer/model/heap_chains.h"
#include "analyzer/model/heap_classes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_replay;

/* What is known of a site. */
struct heap_site {
    struct heap_amount allocated, live, peak; /* peak: live at the highest heap */
    struct estimate temporary;                /* freed before the thread allocated again */
    uint32_t peak_seen;                       /* number of the last peak `peak` is right for */
};

/* Adds what another site did. */
void heap_site_join(struct heap_site *site, const struct heap_site *other);

struct heap_block {
    uint64_t address; /* 0: an empty place of the table */
    uint64_t size, time_ns;
    uint32_t site;
};

/* Somebody who looks at the sums now and then, between two events. */
struct heap_watcher {
    uint64_t due_ns; /* the first event from then on is preceded by a call, which says when next */
    uint64_t (*look)(void *context, const struct heap_replay *replay, uint64_t time_ns);
    void *context;
};

struct heap_replay {
    uint64_t mean; /* bytes between samples, 0: every block is there */
    struct heap_site *sites;
    size_t site_count, site_capacity;
    struct heap_block *blocks; /* live ones, by address; open addressing */
    size_t block_count, block_capacity;
    struct heap_amount allocated; /* so far */
    struct heap_amount live;      /* now */
    struct heap_amount peak;      /* when it was highest */
    uint64_t peak_ns;             /* that moment; 0: never anything */
    uint32_t peaks;               /* so many so far: numbers them */
    uint64_t from_ns;             /* sums began anew then, see heap_replay_restart(); 0: never */
    struct heap_sizes sizes;      /* blocks allocated */
    struct heap_lives lifetimes;  /* blocks freed */
    uint64_t strays;              /* frees of blocks nobody allocated */
    uint64_t replaced;            /* live blocks allocated once more: their free is missing */
    struct heap_chains *chains;   /* follows resized blocks; NULL: nobody does */
    struct heap_watcher watcher;
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

/* A block of another size now: its end as the free of it, then the new one. Both by
 * `thread`, which numbers whatever does one thing after another. */
void heap_replay_resized(struct heap_replay *replay, uint32_t thread, uint64_t time_ns,
                         uint64_t address);
void heap_replay_resize(struct heap_replay *replay, uint32_t thread, uint32_t site,
                        uint64_t time_ns, uint64_t address, uint64_t size);

/* What was allocated until now is no longer counted, but blocks live now belong to the
 * peak: sums begin anew, for a part of the run. Once, before the first event from then on. */
void heap_replay_restart(struct heap_replay *replay, uint64_t from_ns);

/* Makes `peak` of all sites right. After the last event, once. Of a part of
 * the run only blocks allocated in it are live from then on. */
void heap_replay_settle(struct heap_replay *replay);

#endif
