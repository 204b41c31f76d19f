/*
 * Replaying mappings. Its own file beside heap_replay.c because blocks end whole, and
 * ranges anywhere.
 */
#include "analyzer/model/mapped_replay.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void mapped_replay_init(struct mapped_replay *replay)
{
    memset(replay, 0, sizeof(*replay));
}

void mapped_replay_release(struct mapped_replay *replay)
{
    free(replay->sites);
    free(replay->ranges);
    free(replay->moving);
    memset(replay, 0, sizeof(*replay));
}

uint32_t mapped_replay_add_site(struct mapped_replay *replay)
{
    replay->sites = memory_grow(replay->sites, replay->site_count, &replay->site_capacity,
                                sizeof(*replay->sites));
    replay->sites[replay->site_count] = (struct mapped_site){.peak_seen = replay->peaks};
    return (uint32_t)replay->site_count++;
}

/* As in heap_replay.c: a site's live bytes are about to change, and have not since the
 * last peak if it has not been seen here. */
static void keep_peak(const struct mapped_replay *replay, struct mapped_site *site)
{
    if (site->peak_seen == replay->peaks)
        return;
    site->peak = site->live;
    site->peak_seen = replay->peaks;
}

static void change_live(struct mapped_replay *replay, uint32_t number, uint64_t more, uint64_t less)
{
    struct mapped_site *site = &replay->sites[number];

    keep_peak(replay, site);
    site->live += more - less;
    replay->live += more - less;
}

/* The first range that ends behind `address`, or the number of ranges. */
static size_t find(const struct mapped_replay *replay, uint64_t address)
{
    size_t low = 0, high = replay->range_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (replay->ranges[middle].end > address)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void insert(struct mapped_replay *replay, size_t at, struct mapped_range range)
{
    replay->ranges = memory_grow(replay->ranges, replay->range_count, &replay->range_capacity,
                                 sizeof(*replay->ranges));
    memmove(replay->ranges + at + 1, replay->ranges + at,
            (replay->range_count - at) * sizeof(*replay->ranges));
    replay->ranges[at] = range;
    replay->range_count++;
}

/* Takes [start, end) out of the range at `at`; returns the place behind what is left of
 * it before. */
static size_t cut(struct mapped_replay *replay, size_t at, uint64_t start, uint64_t end)
{
    struct mapped_range *range = &replay->ranges[at];
    struct mapped_range tail = {end, range->end, range->site};
    bool has_head = range->start < start, has_tail = end < range->end;

    change_live(replay, range->site, 0,
                (has_tail ? end : range->end) - (has_head ? start : range->start));
    if (has_head) {
        range->end = start;
        if (has_tail)
            insert(replay, at + 1, tail);
        return at + 1;
    }
    if (has_tail) {
        range->start = end;
        return at;
    }
    replay->range_count--;
    memmove(range, range + 1, (replay->range_count - at) * sizeof(*range));
    return at;
}

void mapped_replay_unmap(struct mapped_replay *replay, uint64_t address, uint64_t length)
{
    size_t at = find(replay, address);

    while (at < replay->range_count && replay->ranges[at].start < address + length)
        at = cut(replay, at, address, address + length);
}

/* Puts a range where none is. */
static void add(struct mapped_replay *replay, uint32_t site, uint64_t address, uint64_t length)
{
    insert(replay, find(replay, address), (struct mapped_range){address, address + length, site});
    change_live(replay, site, length, 0);
}

static void note_peak(struct mapped_replay *replay, uint64_t time_ns)
{
    if (replay->live <= replay->peak)
        return;
    replay->peak = replay->live;
    replay->peak_ns = time_ns;
    replay->peaks++;
}

void mapped_replay_map(struct mapped_replay *replay, uint32_t site, uint64_t time_ns,
                       uint64_t address, uint64_t length)
{
    mapped_replay_unmap(replay, address, length);
    add(replay, site, address, length);
    replay->sites[site].count++;
    replay->sites[site].mapped += length;
    note_peak(replay, time_ns);
}

void mapped_replay_take(struct mapped_replay *replay, uint64_t thread, uint64_t address,
                        uint64_t length)
{
    for (size_t at = find(replay, address);
         at < replay->range_count && replay->ranges[at].start < address + length; at++) {
        const struct mapped_range *range = &replay->ranges[at];
        uint64_t start = range->start > address ? range->start : address;
        uint64_t end = range->end < address + length ? range->end : address + length;
        replay->moving = memory_grow(replay->moving, replay->moving_count, &replay->moving_capacity,
                                     sizeof(*replay->moving));
        replay->moving[replay->moving_count++] =
            (struct mapped_moving){thread, start - address, end - start, range->site};
    }
    mapped_replay_unmap(replay, address, length);
}

void mapped_replay_put(struct mapped_replay *replay, uint64_t thread, uint32_t site,
                       uint64_t time_ns, uint64_t address, uint64_t length)
{
    uint64_t moved = 0; /* bytes, up to the end of the last part */
    size_t kept = 0;

    mapped_replay_unmap(replay, address, length);
    for (size_t i = 0; i < replay->moving_count; i++) {
        const struct mapped_moving *part = &replay->moving[i];
        if (part->thread != thread) {
            replay->moving[kept++] = *part;
        } else if (part->offset + part->length <= length) {
            add(replay, part->site, address + part->offset, part->length);
            moved = part->offset + part->length;
        }
    }
    replay->moving_count = kept;
    if (moved < length) {
        add(replay, site, address + moved, length - moved);
        replay->sites[site].mapped += length - moved;
        replay->sites[site].count++;
    }
    note_peak(replay, time_ns);
}

void mapped_replay_settle(struct mapped_replay *replay)
{
    for (size_t i = 0; i < replay->site_count; i++)
        keep_peak(replay, &replay->sites[i]);
}
