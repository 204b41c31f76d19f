/*
 * Mapped memory replayed: ranges made, moved and given back, in the order that happened,
 * become sums per site (whatever the caller counts apart): what was mapped, what was there
 * at the end and at the moment when most was. Ranges may be given back in part.
 *
 * Memory grows with sites and ranges that are there, not with events. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_MAPPED_REPLAY_H
#define PROFINJECT_MODEL_MAPPED_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is known of a site; bytes. */
struct mapped_site {
    uint64_t count, mapped; /* times, and in all */
    uint64_t live, peak;    /* at the end; when most was mapped */
    uint32_t peak_seen;     /* number of the last peak `peak` is right for */
};

struct mapped_range {
    uint64_t start, end;
    uint32_t site;
};

/* What a thread is moving: gone from there, not yet anywhere. */
struct mapped_moving {
    uint64_t thread, offset, length; /* in what is moved */
    uint32_t site;
};

struct mapped_replay {
    struct mapped_site *sites;
    size_t site_count, site_capacity;
    struct mapped_range *ranges; /* by address, apart */
    size_t range_count, range_capacity;
    struct mapped_moving *moving;
    size_t moving_count, moving_capacity;
    uint64_t live, peak, peak_ns; /* now; when it was most, and that moment, 0: never any */
    uint32_t peaks;
};

void mapped_replay_init(struct mapped_replay *replay);
void mapped_replay_release(struct mapped_replay *replay);

/* A new site; they are numbered from 0. */
uint32_t mapped_replay_add_site(struct mapped_replay *replay);

/* Events in order of time. What was there before of a range that is made is gone. */
void mapped_replay_map(struct mapped_replay *replay, uint32_t site, uint64_t time_ns,
                       uint64_t address, uint64_t length);
void mapped_replay_unmap(struct mapped_replay *replay, uint64_t address, uint64_t length);

/* `thread` moves a range: what was there comes back with the thread's next call of the
 * second, at another address, each part still of its site; growth is of `site`. */
void mapped_replay_take(struct mapped_replay *replay, uint64_t thread, uint64_t address,
                        uint64_t length);
void mapped_replay_put(struct mapped_replay *replay, uint64_t thread, uint32_t site,
                       uint64_t time_ns, uint64_t address, uint64_t length);

/* Makes `peak` of all sites right. After the last event; more may follow. */
void mapped_replay_settle(struct mapped_replay *replay);

#endif
