/*
 * Heap events of one trace, put in order and replayed. A trace holds them thread by
 * thread; they wait here until a chunk says that none before some moment is missing.
 *
 * Memory grows with live blocks, distinct stacks and the events of a chunk or two.
 * Owns all it makes. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_HEAP_LOADER_H
#define PROFINJECT_LOAD_HEAP_LOADER_H

#include "analyzer/load/heap_merge.h"
#include "analyzer/load/numbers.h"
#include "analyzer/model/profile.h"
#include "analyzer/util/key_table.h"

/* What a site of the replay is: a stack of a thread in a region. */
struct heap_place {
    uint32_t thread, stack, region;
};

struct heap_pending {
    struct heap_event event;
    uint64_t order; /* in which it was read */
};

struct heap_loader {
    struct heap_replay replay;
    struct heap_place *places; /* one per site */
    size_t place_capacity;
    struct key_table *index; /* struct heap_place to site */
    struct heap_merge merge; /* exact events */
    uint32_t *sites;         /* of the places of a record */
    size_t site_capacity;
    struct heap_pending *pending;
    size_t pending_count, pending_capacity;
    uint64_t events; /* so far */
    uint64_t lost;   /* as the library says */
};

void heap_loader_init(struct heap_loader *loader);
void heap_loader_release(struct heap_loader *loader);

/* An event of place->thread; the rest of `place` counts for allocations only, and the
 * event's site, thread and stream are found here. */
void heap_loader_add(struct heap_loader *loader, const struct heap_place *place,
                     struct heap_event event);

/* Exact events of a stream of `thread`; `stacks` says what its stacks are. */
void heap_loader_segment(struct heap_loader *loader, uint32_t thread, const struct numbers *stacks,
                         const struct trace_heap_segment *segment);

/* No exact event before `ticks`, which is time_ns, is still to come. */
void heap_loader_clock(struct heap_loader *loader, uint64_t ticks, uint64_t time_ns);

/* No event before `until_ns` is still to come; UINT64_MAX: none at all. `mean`: bytes
 * between samples, the same each time. */
void heap_loader_until(struct heap_loader *loader, uint64_t until_ns, uint64_t mean);

/* After the last event: what the process's heap was, all but whether there are sites and
 * the interval, which are known. */
void heap_loader_finish(struct heap_loader *loader, struct profile_heap *heap);

#endif
