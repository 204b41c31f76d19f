/*
 * A ring with segments, and a reader of the events in them that shares no code with who
 * writes them. Header only: every unit test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_SEGMENTS_FIXTURE_H
#define PROFINJECT_TESTS_SEGMENTS_FIXTURE_H

#include "preload/heap_pool.h"
#include "preload/heap_stream.h"
#include "tests/unit/ring_fixture.h"

#include <assert.h>

#define SEGMENTS 64
#define STALL_NS 100000000u

static struct ring_slot *slot;

static inline void segments_start(void)
{
    ring_want_segments(SEGMENTS);
    ring_start();
    heap_pool_use(ring, 4);
    slot = ring_claim_slot(ring);
    slot->state = RING_SLOT_LIVE;
}

struct read_event {
    uint64_t ticks, address, size;
    unsigned kind, place;
};

struct event_reader {
    const uint8_t *at, *end;
    struct read_event last;
    unsigned shift;
};

static inline uint64_t read_varint(struct event_reader *reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        assert(reader->at < reader->end);
        value |= (uint64_t)(*reader->at & 127) << shift;
        if (*reader->at++ < 128)
            return value;
    }
}

static inline struct event_reader read_segment(const struct ring_segment *segment)
{
    return (struct event_reader){.at = segment->data,
                                 .end = segment->data + segment->committed,
                                 .last = {.ticks = segment->ticks, .address = segment->address},
                                 .shift = segment->shift};
}

/* False at the end. */
static inline bool read_event(struct event_reader *reader, struct read_event *event)
{
    if (reader->at == reader->end)
        return false;
    uint64_t head = read_varint(reader), twice = head >> 2;
    int64_t steps = twice & 1 ? -(int64_t)(twice / 2) - 1 : (int64_t)(twice / 2);
    reader->last.kind = head % 4;
    reader->last.address += (uint64_t)(steps * ((int64_t)1 << reader->shift));
    reader->last.ticks += read_varint(reader);
    reader->last.size = reader->last.kind >= 2 ? read_varint(reader) : 0;
    reader->last.place = reader->last.kind >= 2 ? (unsigned)read_varint(reader) : 0;
    *event = reader->last;
    return true;
}

#endif
