/*
 * A stream of exact heap events: encodes them into one segment after the other. Inline
 * where it is once per event.
 *
 * A stream belongs to one writer at a time. What was put is the drain's once
 * heap_stream_commit() was called.
 */
#ifndef PROFINJECT_HEAP_STREAM_H
#define PROFINJECT_HEAP_STREAM_H

#include "preload/contract/ring_format.h"
#include "preload/platform.h"

#include <string.h>

/* The most bytes an event has, with what is written beyond its end. */
#define HEAP_STREAM_EVENT 48u

struct heap_stream {
    uint8_t *at, *limit; /* an event that begins below it has room */
    uint64_t ticks, address;
    uint64_t odd; /* bits of an address difference that the segment's shift loses */
    struct ring_segment *segment;
    uint64_t next_serial;
    uint32_t places, shift, number;
};

/* Begins a segment with an event of that time at `address`, and one at `other` behind it; the
 * segment before is the drain's. False: there is none to be had, see heap_pool_take(). */
bool heap_stream_next(struct heap_stream *stream, struct ring_slot *slot, uint64_t ticks,
                      uint64_t address, uint64_t other, uint64_t stall_ns);

/* What it wrote is the drain's, and no segment its own. Nobody may interrupt this. */
void heap_stream_close(struct heap_stream *stream);

/* Whoever put an event was left in the middle: goes on behind the last one committed. Nobody
 * may interrupt this. */
void heap_stream_recover(struct heap_stream *stream);

/* True when an event at `address`, and one at `other` behind it, can be put as they are; else
 * heap_stream_next() comes first. */
static inline bool heap_stream_fits(const struct heap_stream *stream, uint64_t address,
                                    uint64_t other)
{
    uint64_t bits = (address - stream->address) | (other - address);
    return PLATFORM_LIKELY(stream->at < stream->limit && !(bits & stream->odd));
}

static inline uint8_t *heap_stream_varint(uint8_t *at, uint64_t value)
{
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

/* What every event has. Time does not go back in a stream. */
static inline uint8_t *heap_stream_head(struct heap_stream *stream, enum trace_heap_exact kind,
                                        uint64_t address, uint64_t ticks)
{
    int64_t difference = (int64_t)(address - stream->address) >> stream->shift;
    uint64_t passed = ticks > stream->ticks ? ticks - stream->ticks : 0;
    stream->address = address;
    stream->ticks += passed;
    uint8_t *at = heap_stream_varint(stream->at, trace_zigzag(difference) << 2 | kind);
    return heap_stream_varint(at, passed);
}

static inline void heap_stream_put_free(struct heap_stream *stream, enum trace_heap_exact kind,
                                        uint64_t address, uint64_t ticks)
{
    stream->at = heap_stream_head(stream, kind, address, ticks);
}

static inline void heap_stream_put_alloc(struct heap_stream *stream, enum trace_heap_exact kind,
                                         uint64_t address, uint64_t ticks, uint64_t size,
                                         uint32_t place)
{
    uint8_t *at = heap_stream_head(stream, kind, address, ticks);
    at = heap_stream_varint(at, size);
    stream->at = heap_stream_varint(at, place);
}

/* The number of a new place in the segment. There is room for one behind every event. */
static inline uint32_t heap_stream_add_place(struct heap_stream *stream, uint32_t node,
                                             uint32_t region)
{
    struct ring_segment *segment = stream->segment;
    *ring_place_at(segment, stream->places) = (struct ring_place){node, region};
    stream->limit -= sizeof(struct ring_place);
    stream->places++;
    __atomic_store_n(&segment->places, stream->places, __ATOMIC_RELAXED);
    return stream->places - 1;
}

static inline void heap_stream_commit(struct heap_stream *stream)
{
    /* Pairs with the drain's acquire load. */
    __atomic_store_n(&stream->segment->committed, (uint32_t)(stream->at - stream->segment->data),
                     __ATOMIC_RELEASE);
}

#endif
