/*
 * Exact heap events of all threads, brought into one order. A trace holds them stream by
 * stream; of each the bytes are kept until a moment is known up to which none is missing,
 * and are then read one event at a time, the earliest of all streams first.
 *
 * Memory grows with streams and what a chunk or two hold; an event costs the logarithm
 * of the streams that have some. Owns all it makes. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_HEAP_MERGE_H
#define PROFINJECT_LOAD_HEAP_MERGE_H

#include "analyzer/model/heap_replay.h"
#include "analyzer/trace/trace_reader.h"
#include "analyzer/util/key_table.h"

/* A line through two readings of the clocks: time of any ticks. */
struct heap_clock {
    uint64_t ticks, time_ns;
    double ns_per_tick;
    bool known;
};

struct heap_stream; /* of a thread */

/* A stream that has events, and the ticks of the next. */
struct heap_turn {
    uint64_t ticks;
    struct heap_stream *stream;
};

struct heap_merge {
    struct heap_replay *replay; /* which gets the events */
    struct key_table *index;    /* thread and stream to number */
    struct heap_stream **streams;
    size_t stream_count, stream_capacity;
    struct heap_turn *turns; /* a heap: the earliest first */
    size_t turn_count, turn_capacity;
    struct heap_clock clock;
    bool is_part; /* what streams began with was dropped on purpose */
    uint64_t events;
    uint64_t segments_lost; /* missing in a stream, or unreadable from some event on */
};

void heap_merge_init(struct heap_merge *merge, struct heap_replay *replay);
void heap_merge_release(struct heap_merge *merge);

/* Adds what `thread` wrote into a stream; `sites` are the replay's of segment->places. Bytes
 * and sites are copied. */
void heap_merge_add(struct heap_merge *merge, uint32_t thread,
                    const struct trace_heap_segment *segment, const uint32_t *sites);

/* No event before `ticks`, which were read at time_ns, is still to come: replays those. */
void heap_merge_until(struct heap_merge *merge, uint64_t ticks, uint64_t time_ns);

/* Replays what is left. */
void heap_merge_finish(struct heap_merge *merge);

#endif
