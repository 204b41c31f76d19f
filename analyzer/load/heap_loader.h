/*
 * Heap events of one trace, put in order and replayed. A trace holds them thread by
 * thread; they wait here until a chunk says that none before some moment is missing, and a moment
 * more: a thread that lost its processor between a free and its record tells of it late.
 *
 * Memory grows with live blocks, distinct stacks and the events of some tenths of a second.
 * Owns all it makes. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_HEAP_LOADER_H
#define PROFINJECT_LOAD_HEAP_LOADER_H

#include "analyzer/load/heap_births.h"
#include "analyzer/load/heap_merge.h"
#include "analyzer/load/heap_places.h"
#include "analyzer/load/numbers.h"
#include "analyzer/load/time_window.h"
#include "analyzer/model/profile.h"

struct heap_pending {
    struct heap_event event;
    uint64_t order; /* in which it was read */
};

struct heap_loader {
    struct heap_replay replay;
    struct time_window window;      /* what to look at */
    struct heap_timeline *timeline; /* NULL until there are events, as is this: */
    struct heap_chains *chains;
    struct heap_places places; /* what sites of the replay are, by their numbers */
    struct heap_merge merge;   /* exact events */
    struct heap_births births; /* none unless they were asked for */
    struct heap_place *wanted; /* places of a record, */
    uint32_t *sites;           /* and their sites */
    size_t wanted_count;       /* of either there is room for so many */
    struct heap_pending *pending;
    size_t pending_count, pending_capacity;
    uint64_t safe_ns; /* up to where they were replayed */
    uint64_t events;  /* so far */
    uint64_t lost;    /* as the library says */
    uint64_t charge;  /* bytes a block counts besides its own when it comes to sampling */
};

void heap_loader_init(struct heap_loader *loader);
void heap_loader_release(struct heap_loader *loader);

/* Before the first event: `mean` bytes between samples, 0: every block is there;
 * the process began at `start_ns` and is thought to end at `end_ns`, 0: not known.
 * loader->window and charge are set by then. */
void heap_loader_begin(struct heap_loader *loader, uint64_t mean, uint64_t start_ns,
                       uint64_t end_ns);

/* An event of place->thread; the rest of `place` counts for allocations only, and the
 * event's site, thread and stream are found here. */
void heap_loader_add(struct heap_loader *loader, const struct heap_place *place,
                     struct heap_event event);

/* Exact events of a stream of `thread`; `stacks` says what its stacks are. */
void heap_loader_segment(struct heap_loader *loader, uint32_t thread, const struct numbers *stacks,
                         const struct trace_heap_segment *segment);

/* No exact event before `ticks`, which is time_ns, is still to come. */
void heap_loader_clock(struct heap_loader *loader, uint64_t ticks, uint64_t time_ns);

/* No event before `until_ns` is still to come, but for a few that are late; UINT64_MAX: none at all. */
void heap_loader_until(struct heap_loader *loader, uint64_t until_ns);

/* Up to when events may be replayed: all but those of the last moment; 0: not yet, as *last_ns, where it
 * was so the last time, was just before. That they are sorted over and over would take long. */
uint64_t heap_loader_safe(uint64_t *last_ns, uint64_t until_ns);

/* After the last event: what the heap of `process` was; all else of it is known. It takes
 * the sites, the timeline and the chains over. */
void heap_loader_finish(struct heap_loader *loader, struct profile_process *process);

#endif
