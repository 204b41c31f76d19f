/*
 * Ring files that killed processes left behind (preload/contract/ring_format.h).
 *
 * Whoever takes one locks it (flock): of several that come at a time one writes what it
 * holds, and removes it. A process that lives is known by its pid, so only rings of this
 * namespace of pids are touched, and only the user's own.
 */
#ifndef PROFINJECT_RECORD_STALE_RINGS_H
#define PROFINJECT_RECORD_STALE_RINGS_H

#include "analyzer/trace/trace_copies.h"
#include "preload/contract/recording.h"

#include <stddef.h>
#include <stdint.h>

struct stale_rings {
    size_t removed, left;
    uint64_t bytes; /* of memory in those left */
};

/* Removes the ring files of `recording` whose process is gone, when what they hold is in
 * their traces (dead_ring.h); returns how many. */
size_t stale_rings_remove(const struct recording *recording);

/* Likewise all in that directory, of whatever recording, as those of runs without `record`;
 * and those nobody can read any more: of recordings that are gone, or an hour old and of
 * another version. */
size_t stale_rings_remove_all(const char *rings);

/* As stale_rings_remove(), for who reads: of those that cannot be taken in (another user's, a
 * recording that may not be written) `copies` gets the traces as they would be. */
size_t stale_rings_take_in(const struct recording *recording, struct trace_copies *copies);

/* The user's in that directory; nothing is done to them. */
struct stale_rings stale_rings_count(const char *rings);

#endif
