/*
 * Reads the events of a TRACE_HEAP_EVENTS record straight from its bytes, one at a time:
 * nothing is unpacked before it is needed.
 *
 * The bytes are the caller's, and HEAP_EVENTS_PADDING zero bytes follow them: an event is
 * then read without looking for the end, which is only checked behind it. Plain values.
 */
#ifndef PROFINJECT_TRACE_HEAP_EVENTS_H
#define PROFINJECT_TRACE_HEAP_EVENTS_H

#include "preload/contract/trace_format.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A varint that begins before the end stops at the first byte behind it, the three that may
 * follow take one each, and 8 bytes are looked at for every one. */
#define HEAP_EVENTS_PADDING 16u

/* A larger block is damage, and would overflow sums. */
#define HEAP_SIZE_BELIEVED ((uint64_t)1 << 56)

struct heap_event_cursor {
    const uint8_t *at, *end;
    uint64_t ticks, address; /* of the event read last */
    unsigned shift;          /* below 64 */
    bool failed;             /* what came last cannot be, and what follows cannot be read */
};

/* `place` and `size` of allocations only. */
struct heap_wire_event {
    enum trace_heap_exact kind;
    uint64_t size, place;
};

/* A varint of more than 8 bytes. */
uint64_t heap_events_long_varint(struct heap_event_cursor *cursor);

/* Without a branch on the length, which nothing predicts: 8 bytes are looked at, and the
 * sevens of bits moved together in three steps. */
static inline uint64_t heap_events_varint(struct heap_event_cursor *cursor)
{
    uint64_t word;

    memcpy(&word, cursor->at, sizeof(word));
    word = le64toh(word);
    uint64_t ends = ~word & 0x8080808080808080u;
    if (ends == 0)
        return heap_events_long_varint(cursor);
    cursor->at += (unsigned)__builtin_ctzll(ends) / 8 + 1;
    word &= (ends ^ (ends - 1)) & 0x7f7f7f7f7f7f7f7fu;
    word = (word & 0x007f007f007f007fu) | (word & 0x7f007f007f007f00u) >> 1;
    word = (word & 0x00003fff00003fffu) | (word & 0x3fff00003fff0000u) >> 2;
    return (word & 0x000000000fffffffu) | (word & 0x0fffffff00000000u) >> 4;
}

/* Reads the next event: its kind, size and place into `event`, its ticks and address into
 * the cursor. False at the end, or where it cannot be read: then `failed` is set. */
static inline bool heap_events_next(struct heap_event_cursor *cursor, struct heap_wire_event *event)
{
    if (cursor->at >= cursor->end)
        return false;
    uint64_t head = heap_events_varint(cursor);
    event->kind = (enum trace_heap_exact)(head & 3);
    cursor->address += (uint64_t)trace_unzigzag(head >> 2) << cursor->shift;
    cursor->ticks += heap_events_varint(cursor);
    if (event->kind >= TRACE_HEAP_EXACT_ALLOC) {
        event->size = heap_events_varint(cursor);
        event->place = heap_events_varint(cursor);
        cursor->failed |= event->size > HEAP_SIZE_BELIEVED;
    }
    cursor->failed |= cursor->at > cursor->end || cursor->address == 0;
    return !cursor->failed;
}

#endif
