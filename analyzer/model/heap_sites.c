/*
 * Sites of a heap. Its own file beside heap_replay.c because the profile keeps them when
 * the replay is over.
 */
#include "analyzer/model/heap_sites.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SITES 64 /* of exact ones, a page */

void heap_sites_release(struct heap_sites *sites)
{
    memory_unmap(sites->exact, sites->capacity * sizeof(*sites->exact));
    free(sites->estimated);
    memset(sites, 0, sizeof(*sites));
}

/* Mapped memory begins with a cache line. */
static void grow(struct heap_sites *sites)
{
    size_t capacity = sites->capacity > 0 ? 2 * sites->capacity : FIRST_SITES;

    if (sites->sampled) {
        sites->estimated = memory_resize(sites->estimated, capacity * sizeof(*sites->estimated));
    } else {
        struct heap_tally *more = memory_map(capacity * sizeof(*more));
        if (sites->capacity > 0)
            memcpy(more, sites->exact, sites->capacity * sizeof(*more));
        memory_unmap(sites->exact, sites->capacity * sizeof(*more));
        sites->exact = more;
    }
    sites->capacity = capacity;
}

uint32_t heap_sites_add(struct heap_sites *sites, uint32_t thread)
{
    size_t number = sites->count++;

    if (number == sites->capacity)
        grow(sites);
    if (sites->sampled)
        sites->estimated[number] =
            (struct heap_sampled_site){.peak_seen = sites->peaks, .thread = thread};
    else
        sites->exact[number] = (struct heap_tally){.peak_seen = sites->peaks, .thread = thread};
    return (uint32_t)number;
}

/* --- sums --------------------------------------------------------------------- */

static struct heap_amount amount_of(uint64_t count, uint64_t bytes)
{
    return (struct heap_amount){estimate_known(count, count), estimate_known(count, bytes)};
}

struct heap_site heap_sites_get(const struct heap_sites *sites, uint32_t number)
{
    if (sites->sampled)
        return sites->estimated[number].site;
    const struct heap_tally *tally = &sites->exact[number];
    return (struct heap_site){
        .allocated = amount_of(tally->allocated_count, tally->allocated_bytes),
        .live = amount_of(tally->live_count, tally->live_bytes),
        .peak = amount_of(tally->peak_count, tally->peak_bytes),
        .temporary = estimate_known(tally->temporary, tally->temporary),
    };
}

void heap_site_join(struct heap_site *site, const struct heap_site *other)
{
    heap_amount_join(&site->allocated, &other->allocated);
    heap_amount_join(&site->live, &other->live);
    heap_amount_join(&site->peak, &other->peak);
    estimate_join(&site->temporary, &other->temporary);
}

/* --- blocks of sampled sites ---------------------------------------------------- */

static void keep_peak(struct heap_sampled_site *site, uint64_t peaks)
{
    if (site->peak_seen == peaks)
        return;
    site->site.peak = site->site.live;
    site->peak_seen = peaks;
}

void heap_sites_sampled_born(struct heap_sampled_site *site, uint64_t peaks, uint64_t size,
                             double weight)
{
    keep_peak(site, peaks);
    heap_amount_add(&site->site.allocated, size, weight);
    heap_amount_add(&site->site.live, size, weight);
}

void heap_sites_sampled_died(struct heap_sampled_site *site, uint64_t peaks, uint64_t size,
                             double weight)
{
    keep_peak(site, peaks);
    heap_amount_remove(&site->site.live, size, weight);
}

/* --- all of them ---------------------------------------------------------------- */

void heap_sites_settle(struct heap_sites *sites)
{
    for (size_t i = 0; i < sites->count; i++)
        if (sites->sampled)
            keep_peak(&sites->estimated[i], sites->peaks);
        else
            heap_tally_keep_peak(&sites->exact[i], sites->peaks);
}

void heap_sites_restart(struct heap_sites *sites)
{
    for (size_t i = 0; i < sites->count; i++) {
        if (sites->sampled) {
            sites->estimated[i].site.allocated = (struct heap_amount){.count = {0}};
            sites->estimated[i].site.temporary = (struct estimate){0};
        } else {
            struct heap_tally *tally = &sites->exact[i];
            tally->allocated_count = tally->allocated_bytes = tally->temporary = 0;
        }
    }
    sites->peaks++;
}

void heap_sites_clear_live(struct heap_sites *sites)
{
    for (size_t i = 0; i < sites->count; i++)
        if (sites->sampled)
            sites->estimated[i].site.live = (struct heap_amount){.count = {0}};
        else
            sites->exact[i].live_bytes = sites->exact[i].live_count = 0;
}

void heap_sites_keep(struct heap_sites *sites, uint32_t number, uint64_t size, double weight)
{
    if (sites->sampled) {
        heap_amount_add(&sites->estimated[number].site.live, size, weight);
        return;
    }
    sites->exact[number].live_count++;
    sites->exact[number].live_bytes += size;
}
