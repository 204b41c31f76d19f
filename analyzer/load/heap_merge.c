/*
 * Merging streams of heap events. Its own file because the order of events of different
 * threads decides whose block a free frees.
 */
#include "analyzer/load/heap_merge.h"

#include "analyzer/trace/heap_events.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 64

/* Both clocks the library may take come to this, about, before two readings are known. */
#define NS_PER_TICK 8.0

/* What a record held, in one block: sites, then the bytes of its events and padding. */
struct heap_record {
    struct heap_record *next;
    uint64_t ticks, address;
    unsigned shift;
    size_t size, site_count;
    uint32_t sites[];
};

struct heap_stream {
    struct heap_record *first, *last; /* first: being read */
    struct heap_event_cursor cursor;
    struct heap_event event; /* next, but for its time */
    uint64_t serial;         /* of the segment added last */
    bool started, waiting;   /* waiting: it has a turn */
};

/* Keys of the index. */
struct stream_key {
    uint32_t thread, stream;
};

/* Events on their way to the replay. */
struct batch {
    struct heap_event events[BATCH];
    size_t count;
};

void heap_merge_init(struct heap_merge *merge, struct heap_replay *replay)
{
    memset(merge, 0, sizeof(*merge));
    merge->replay = replay;
    merge->clock.ns_per_tick = NS_PER_TICK;
    merge->index = key_table_new(sizeof(struct stream_key));
}

static void drop_records(struct heap_stream *stream)
{
    while (stream->first != NULL) {
        struct heap_record *next = stream->first->next;
        free(stream->first);
        stream->first = next;
    }
    stream->last = NULL;
}

void heap_merge_release(struct heap_merge *merge)
{
    for (size_t i = 0; i < merge->stream_count; i++) {
        drop_records(merge->streams[i]);
        free(merge->streams[i]);
    }
    free(merge->streams);
    free(merge->turns);
    key_table_free(merge->index);
    memset(merge, 0, sizeof(*merge));
}

/* --- streams ------------------------------------------------------------------ */

static struct heap_stream *stream_of(struct heap_merge *merge, uint32_t thread, uint32_t level)
{
    struct stream_key key = {thread, level};
    uint32_t number = key_table_add(merge->index, &key, (uint32_t)merge->stream_count);

    if (number == merge->stream_count) {
        merge->streams = memory_grow(merge->streams, merge->stream_count, &merge->stream_capacity,
                                     sizeof(struct heap_stream *));
        merge->streams[merge->stream_count] = memory_alloc(sizeof(struct heap_stream));
        merge->streams[merge->stream_count++]->event =
            (struct heap_event){.thread = thread, .stream = number};
    }
    return merge->streams[number];
}

static void open_record(struct heap_stream *stream)
{
    const struct heap_record *record = stream->first;
    const uint8_t *events = (const uint8_t *)(record->sites + record->site_count);

    stream->cursor = (struct heap_event_cursor){.at = events,
                                                .end = events + record->size,
                                                .ticks = record->ticks,
                                                .address = record->address,
                                                .shift = record->shift};
}

/* Reads the stream's next event out of the record that is open; false: there is none. */
static inline bool read_event(struct heap_stream *stream)
{
    static const enum trace_heap_event kinds[] = {
        [TRACE_HEAP_EXACT_FREE] = TRACE_HEAP_FREE,
        [TRACE_HEAP_EXACT_RESIZED] = TRACE_HEAP_RESIZED,
        [TRACE_HEAP_EXACT_ALLOC] = TRACE_HEAP_ALLOC,
        [TRACE_HEAP_EXACT_RESIZE] = TRACE_HEAP_RESIZE,
    };
    struct heap_wire_event wire;

    if (!heap_events_next(&stream->cursor, &wire))
        return false;
    stream->event.address = stream->cursor.address;
    stream->event.kind = kinds[wire.kind];
    if (wire.kind < TRACE_HEAP_EXACT_ALLOC)
        return true;
    stream->cursor.failed = wire.place >= stream->first->site_count;
    if (stream->cursor.failed)
        return false;
    stream->event.size = wire.size;
    stream->event.site = stream->first->sites[wire.place];
    return true;
}

/* The same, in whichever record it is; false: the stream has none at the time. */
static bool next_event(struct heap_merge *merge, struct heap_stream *stream)
{
    while (!read_event(stream)) {
        struct heap_record *done = stream->first;
        merge->segments_lost += stream->cursor.failed;
        stream->first = done->next;
        free(done);
        if (stream->first == NULL) {
            stream->last = NULL;
            return false;
        }
        open_record(stream);
    }
    return true;
}

/* --- turns -------------------------------------------------------------------- */

/* Puts the turn at `at` further down, behind those that are earlier. */
static void sink_turn(struct heap_merge *merge, size_t at)
{
    struct heap_turn turn = merge->turns[at];

    for (size_t child = 2 * at + 1; child < merge->turn_count; child = 2 * at + 1) {
        if (child + 1 < merge->turn_count &&
            merge->turns[child + 1].ticks < merge->turns[child].ticks)
            child++;
        if (turn.ticks <= merge->turns[child].ticks)
            break;
        merge->turns[at] = merge->turns[child];
        at = child;
    }
    merge->turns[at] = turn;
}

static void add_turn(struct heap_merge *merge, struct heap_stream *stream)
{
    merge->turns =
        memory_grow(merge->turns, merge->turn_count, &merge->turn_capacity, sizeof(*merge->turns));
    size_t at = merge->turn_count++;
    for (; at > 0 && stream->cursor.ticks < merge->turns[(at - 1) / 2].ticks; at = (at - 1) / 2)
        merge->turns[at] = merge->turns[(at - 1) / 2];
    merge->turns[at] = (struct heap_turn){stream->cursor.ticks, stream};
    stream->waiting = true;
}

/* Up to when the first stream may go on alone. */
static uint64_t turn_ends(const struct heap_merge *merge, uint64_t until)
{
    for (size_t i = 1; i < merge->turn_count && i < 3; i++)
        if (merge->turns[i].ticks < until)
            until = merge->turns[i].ticks;
    return until;
}

/* --- the order of all --------------------------------------------------------- */

void heap_merge_add(struct heap_merge *merge, uint32_t thread,
                    const struct trace_heap_segment *segment, const uint32_t *sites)
{
    struct heap_stream *stream = stream_of(merge, thread, (uint32_t)segment->stream);
    uint64_t first = merge->is_part ? segment->serial : 0;
    uint64_t expected = stream->started ? stream->serial + 1 : first;
    size_t sites_size = segment->place_count * sizeof(*sites);
    struct heap_record *record =
        memory_alloc(sizeof(*record) + sites_size + segment->size + HEAP_EVENTS_PADDING);

    /* A segment may come in parts, which have its serial. */
    if (segment->serial > expected)
        merge->segments_lost += segment->serial - expected;
    stream->started = true;
    stream->serial = segment->serial;
    record->ticks = segment->ticks;
    record->address = segment->address;
    record->shift = segment->shift;
    record->size = segment->size;
    record->site_count = segment->place_count;
    if (sites_size > 0)
        memcpy(record->sites, sites, sites_size);
    memcpy(record->sites + record->site_count, segment->events, segment->size);
    if (stream->first == NULL)
        stream->first = record;
    else
        stream->last->next = record;
    stream->last = record;
    if (stream->waiting)
        return;
    open_record(stream);
    if (next_event(merge, stream))
        add_turn(merge, stream);
}

static uint64_t time_of(const struct heap_clock *clock, uint64_t ticks)
{
    double after = (double)(int64_t)(ticks - clock->ticks) * clock->ns_per_tick;

    if (!(fabs(after) < 0x1p62))
        return clock->time_ns;
    int64_t time_ns = (int64_t)(clock->time_ns + (uint64_t)(int64_t)after);
    return time_ns > 0 ? (uint64_t)time_ns : 0;
}

static void hand_over(struct heap_merge *merge, struct batch *batch)
{
    heap_replay_events(merge->replay, batch->events, batch->count);
    merge->events += batch->count;
    batch->count = 0;
}

/* Events of the stream whose turn it is, before `ends`; false when it has no more. */
static bool take_turn(struct heap_merge *merge, uint64_t ends, struct batch *batch)
{
    struct heap_stream *stream = merge->turns[0].stream;

    do {
        if (batch->count == BATCH)
            hand_over(merge, batch);
        struct heap_event *event = &batch->events[batch->count++];
        *event = stream->event;
        event->time_ns = time_of(&merge->clock, stream->cursor.ticks);
        if (!next_event(merge, stream)) {
            stream->waiting = false;
            return false;
        }
    } while (stream->cursor.ticks < ends);
    merge->turns[0].ticks = stream->cursor.ticks;
    return true;
}

static void replay_until(struct heap_merge *merge, uint64_t ticks)
{
    struct batch batch = {.count = 0};

    while (merge->turn_count > 0 && (merge->turns[0].ticks < ticks || ticks == UINT64_MAX)) {
        if (!take_turn(merge, turn_ends(merge, ticks), &batch))
            merge->turns[0] = merge->turns[--merge->turn_count];
        sink_turn(merge, 0);
    }
    hand_over(merge, &batch);
}

void heap_merge_until(struct heap_merge *merge, uint64_t ticks, uint64_t time_ns)
{
    struct heap_clock *clock = &merge->clock;

    if (clock->known && ticks > clock->ticks && time_ns > clock->time_ns)
        clock->ns_per_tick = (double)(time_ns - clock->time_ns) / (double)(ticks - clock->ticks);
    clock->ticks = ticks;
    clock->time_ns = time_ns;
    clock->known = true;
    replay_until(merge, ticks);
}

void heap_merge_finish(struct heap_merge *merge)
{
    replay_until(merge, UINT64_MAX);
}
