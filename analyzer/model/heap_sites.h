/*
 * The sites of a heap (whatever its replay counts apart, a stack of a thread, say) and what
 * is known of each: what was allocated, what is live, what was live when the heap was
 * highest, what was temporary.
 *
 * Where every block is known a site is a cache line of whole numbers: with 10^5 sites, all
 * in use, an event costs the lines of memory it touches, and estimates take seven. Sampled
 * sites, of which there are few, are estimates.
 *
 * Memory grows with sites. A plain value that owns its arrays. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_HEAP_SITES_H
#define PROFINJECT_MODEL_HEAP_SITES_H

#include "analyzer/model/heap_classes.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is known of a site. */
struct heap_site {
    struct heap_amount allocated, live, peak; /* peak: live at the highest heap */
    struct estimate temporary;                /* freed before the thread allocated again */
};

/* The same where every block is known. */
struct heap_tally {
    uint64_t allocated_count, allocated_bytes, live_bytes, peak_bytes, temporary;
    uint64_t peak_seen;              /* number of the last peak `peak_*` are right for */
    uint32_t live_count, peak_count; /* blocks are in a table: there are no more */
    uint32_t thread, unused;
};
static_assert(sizeof(struct heap_tally) == 64, "a cache line");

/* The same where blocks are sampled. */
struct heap_sampled_site {
    struct heap_site site;
    uint64_t peak_seen;
    uint32_t thread;
};

struct heap_sites {
    bool sampled;             /* not to be changed once there is a site */
    struct heap_tally *exact; /* one of them by number, NULL the other */
    struct heap_sampled_site *estimated;
    size_t count, capacity;
    uint64_t peaks; /* so many so far: numbers them */
};

void heap_sites_release(struct heap_sites *sites);

/* A new site that `thread` allocates at; they are numbered from 0. */
uint32_t heap_sites_add(struct heap_sites *sites, uint32_t thread);

static inline uint32_t heap_sites_thread(const struct heap_sites *sites, uint32_t number)
{
    return sites->sampled ? sites->estimated[number].thread : sites->exact[number].thread;
}

/* Sites that do not fit into a processor's second cache, and then are worth fetching. */
#define HEAP_SITES_MANY 8192u

static inline void heap_sites_prefetch(const struct heap_sites *sites, uint32_t number)
{
    if (!sites->sampled)
        __builtin_prefetch(&sites->exact[number], 1);
}

/* All that is known; `peak` only after heap_sites_settle(). */
struct heap_site heap_sites_get(const struct heap_sites *sites, uint32_t number);

/* Bytes, for whoever looks while events go on; second: variance of the error of `live`. */
struct heap_site_now {
    uint32_t thread;
    double allocated, live, second;
};

static inline struct heap_site_now heap_sites_now(const struct heap_sites *sites, uint32_t number)
{
    if (!sites->sampled) {
        const struct heap_tally *tally = &sites->exact[number];
        return (struct heap_site_now){tally->thread, (double)tally->allocated_bytes,
                                      (double)tally->live_bytes, 0};
    }
    const struct heap_sampled_site *site = &sites->estimated[number];
    return (struct heap_site_now){site->thread, site->site.allocated.bytes.total,
                                  site->site.live.bytes.total, site->site.live.bytes.second};
}

/* Adds what another site did. */
void heap_site_join(struct heap_site *site, const struct heap_site *other);

/* What is live at each site from now on differs from what was live at the peak. */
static inline void heap_sites_peaked(struct heap_sites *sites)
{
    sites->peaks++;
}

/* Makes `peak` of all sites right. */
void heap_sites_settle(struct heap_sites *sites);

/* What was allocated until now is no longer counted: sums begin anew. What is live is the
 * first peak. */
void heap_sites_restart(struct heap_sites *sites);

/* Nothing is live; heap_sites_keep() says what is. After heap_sites_settle(). */
void heap_sites_clear_live(struct heap_sites *sites);
void heap_sites_keep(struct heap_sites *sites, uint32_t number, uint64_t size, double weight);

/* For heap_sites_born() and so on, of sampled blocks. */
void heap_sites_sampled_born(struct heap_sampled_site *site, uint64_t peaks, uint64_t size,
                             double weight);
void heap_sites_sampled_died(struct heap_sampled_site *site, uint64_t peaks, uint64_t size,
                             double weight);

/* A site's live blocks are about to change: since the last peak they had not, if it has
 * not been seen here. So a peak costs nothing, though it may come with every event. */
static inline void heap_tally_keep_peak(struct heap_tally *tally, uint64_t peaks)
{
    if (tally->peak_seen == peaks)
        return;
    tally->peak_bytes = tally->live_bytes;
    tally->peak_count = tally->live_count;
    tally->peak_seen = peaks;
}

/* A block of `size` bytes that stands for `weight` of them, which is 1 where every block is
 * known, was allocated, */
static inline void heap_sites_born(struct heap_sites *sites, uint32_t number, uint64_t size,
                                   double weight)
{
    if (sites->sampled) {
        heap_sites_sampled_born(&sites->estimated[number], sites->peaks, size, weight);
        return;
    }
    struct heap_tally *tally = &sites->exact[number];
    heap_tally_keep_peak(tally, sites->peaks);
    tally->allocated_count++;
    tally->allocated_bytes += size;
    tally->live_count++;
    tally->live_bytes += size;
}

/* and freed. */
static inline void heap_sites_died(struct heap_sites *sites, uint32_t number, uint64_t size,
                                   double weight)
{
    if (sites->sampled) {
        heap_sites_sampled_died(&sites->estimated[number], sites->peaks, size, weight);
        return;
    }
    struct heap_tally *tally = &sites->exact[number];
    heap_tally_keep_peak(tally, sites->peaks);
    tally->live_count--;
    tally->live_bytes -= size;
}

/* And that before its thread allocated again. */
static inline void heap_sites_temporary(struct heap_sites *sites, uint32_t number, double weight)
{
    if (sites->sampled)
        estimate_add(&sites->estimated[number].site.temporary, 1, weight);
    else
        sites->exact[number].temporary++;
}

#endif
