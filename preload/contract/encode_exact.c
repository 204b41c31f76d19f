/*
 * Records of exact heap events. Its own file beside encode_heap.c because these come
 * encoded.
 */
#include "preload/contract/encode_exact.h"

#include "preload/contract/drain_encode.h"

uint32_t encode_exact_events(struct buffer *to, const struct buffer *head, const uint8_t *events,
                             uint32_t size)
{
    buffer_varint(to, TRACE_HEAP_EVENTS);
    buffer_varint(to, head->size + size);
    buffer_bytes(to, head->bytes, head->size);
    buffer_bytes(to, events, size);
    return 1;
}

uint32_t encode_exact_clock(struct buffer *to, struct buffer *body, uint64_t ticks,
                            uint64_t when_ns)
{
    buffer_clear(body);
    buffer_varint(body, ticks);
    buffer_varint(body, when_ns);
    return encode_record(to, TRACE_HEAP_CLOCK, body);
}

/* 0 where the bytes end. */
static uint64_t next_varint(const uint8_t **at, const uint8_t *end)
{
    uint64_t value = 0;
    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            break;
    }
    return value;
}

uint32_t encode_exact_next(struct exact_position *at, const uint8_t *events, uint32_t size,
                           uint32_t shift, struct exact_event *event)
{
    const uint8_t *next = events, *end = events + size;
    uint64_t head = next_varint(&next, end);
    at->address += (uint64_t)trace_unzigzag(head >> 2) << shift;
    at->ticks += next_varint(&next, end);
    event->kind = (enum trace_heap_exact)(head & 3);
    if (event->kind >= TRACE_HEAP_EXACT_ALLOC) {
        next_varint(&next, end); /* its size */
        event->place = next_varint(&next, end);
    }
    return (uint32_t)(next - events);
}

uint32_t encode_exact_skip(struct exact_position *at, const uint8_t *events, uint32_t size,
                           uint32_t shift)
{
    struct exact_event event;
    uint32_t count = 0;
    for (uint32_t done = 0; done < size; count++)
        done += encode_exact_next(at, events + done, size - done, shift, &event);
    return count;
}
