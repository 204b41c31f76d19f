/*
 * Encoding of TRACE_OFFCPU (trace_format.h): the stretches of one thread that wait
 * in its ring become one record. For the drain only; same threading as it.
 */
#ifndef PROFINJECT_ENCODE_OFFCPU_H
#define PROFINJECT_ENCODE_OFFCPU_H

#include "preload/contract/buffer.h"
#include "preload/contract/ring_format.h"

/* Stretches stay in the ring until the batch is whole; `stacks` remembers their
 * trace numbers. */
#define OFFCPU_BATCH_MAX (RING_DATA_SIZE / sizeof(struct ring_offcpu) + 1)
struct offcpu_encoder {
    uint32_t count;
    const struct ring_offcpu *stretches[OFFCPU_BATCH_MAX];
    uint32_t stacks[OFFCPU_BATCH_MAX];
};
void offcpu_encoder_init(struct offcpu_encoder *encoder);
void offcpu_encoder_add(struct offcpu_encoder *encoder, const struct ring_offcpu *stretch,
                        uint32_t stack);

/* Appends the record to `to`, using `body` as scratch; returns the number of records
 * appended: none when there was nothing. */
uint32_t offcpu_encoder_finish(struct offcpu_encoder *encoder, struct buffer *to,
                               struct buffer *body, uint32_t thread);

#endif
