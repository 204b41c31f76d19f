/*
 * When blocks were allocated, by site, noted while a heap is replayed; for profile->allocations. An
 * observer of the replay, attached only where that is wanted: a program may allocate 10^7 times a
 * second.
 *
 * Memory is bounded as that of timed parts. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_HEAP_BIRTHS_H
#define PROFINJECT_LOAD_HEAP_BIRTHS_H

#include "analyzer/load/timed_parts.h"
#include "analyzer/model/heap_replay.h"

/* To begin with: finer than any grid they are brought to. */
#define HEAP_BIRTHS_SLICE_NS 10000000

struct heap_births {
    struct timed_parts
        parts;        /* `wanted` says whether; their `stack` is the site, their length bytes */
    uint64_t from_ns; /* those before do not count */
};

/* Before the first event; nothing when they are not wanted. `births` must outlive the events. */
void heap_births_observe(struct heap_births *births, struct heap_replay *replay, uint64_t from_ns);
void heap_births_release(struct heap_births *births);

/* To profile->allocations; `sites` by number. */
void heap_births_add(const struct heap_births *births, struct profile *profile,
                     const struct profile_heap_site *sites);

#endif
