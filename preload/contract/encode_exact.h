/*
 * Encoding of TRACE_HEAP_EVENTS and TRACE_HEAP_CLOCK (trace_format.h). Threads write the
 * events themselves; this puts heads on them. For the drain only; same threading as it.
 */
#ifndef PROFINJECT_ENCODE_EXACT_H
#define PROFINJECT_ENCODE_EXACT_H

#include "preload/contract/buffer.h"
#include "preload/contract/trace_format.h"

#include <stdint.h>

/* Appends the record: `head`, what stands before the events, and the events as they are.
 * Returns 1. */
uint32_t encode_exact_events(struct buffer *to, const struct buffer *head, const uint8_t *events,
                             uint32_t size);

/* Appends a TRACE_HEAP_CLOCK, with `body` as scratch. Returns 1. */
uint32_t encode_exact_clock(struct buffer *to, struct buffer *body, uint64_t ticks,
                            uint64_t when_ns);

/* What the next event counts from. */
struct exact_position {
    uint64_t ticks, address;
};

struct exact_event {
    enum trace_heap_exact kind;
    uint64_t place; /* of allocations: an index */
};

/* Moves it behind the first event of those `size` bytes. Returns how many of them it has. */
uint32_t encode_exact_next(struct exact_position *at, const uint8_t *events, uint32_t size,
                           uint32_t shift, struct exact_event *event);

/* Moves it behind `size` bytes of whole events. Returns how many. */
uint32_t encode_exact_skip(struct exact_position *at, const uint8_t *events, uint32_t size,
                           uint32_t shift);

#endif
