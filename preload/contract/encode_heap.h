/*
 * Encoding of TRACE_HEAP (trace_format.h): the heap events of one thread that wait in
 * its ring become one record. For the drain only; same threading as it.
 */
#ifndef PROFINJECT_ENCODE_HEAP_H
#define PROFINJECT_ENCODE_HEAP_H

#include "preload/contract/buffer.h"
#include "preload/contract/ring_format.h"

/* Events stay in the ring until the batch is whole; `stacks` remembers their trace
 * numbers. */
#define HEAP_BATCH_MAX (RING_DATA_SIZE / sizeof(struct ring_heap) + 1)
struct heap_encoder {
    uint32_t count;
    const struct ring_heap *events[HEAP_BATCH_MAX];
    uint32_t stacks[HEAP_BATCH_MAX];
};
void heap_encoder_init(struct heap_encoder *encoder);
void heap_encoder_add(struct heap_encoder *encoder, const struct ring_heap *event, uint32_t stack);

/* Appends the record to `to`, using `body` as scratch; returns the number of records
 * appended: none when there was nothing. */
uint32_t heap_encoder_finish(struct heap_encoder *encoder, struct buffer *to, struct buffer *body,
                             uint32_t thread);

/* Appends a TRACE_HEAP_UNTIL record. */
uint32_t encode_heap_until(struct buffer *to, struct buffer *body, uint64_t until_ns,
                           uint64_t lost);

#endif
