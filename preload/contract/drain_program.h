/*
 * Draining what the program says of itself: regions and counters. Part of the drain;
 * same threading, same buffers.
 */
#ifndef PROFINJECT_DRAIN_PROGRAM_H
#define PROFINJECT_DRAIN_PROGRAM_H

#include "preload/contract/drain.h"

/* One TRACE_COUNTS record; counts wait in the ring until the batch is whole. */
#define COUNT_BATCH_MAX (RING_DATA_SIZE / sizeof(struct ring_count) + 1)
struct count_encoder {
    uint32_t count;
    const struct ring_count *counts[COUNT_BATCH_MAX];
    uint32_t stacks[COUNT_BATCH_MAX];
};

void count_encoder_init(struct count_encoder *encoder);
/* `stack` is a trace number. Notes the delta as read in `seen`. */
void count_encoder_add(struct count_encoder *encoder, struct drain_slot *seen,
                       const struct ring_count *count, uint32_t stack);
uint32_t count_encoder_finish(struct count_encoder *encoder, struct buffer *to, struct buffer *body,
                              uint32_t thread);

/* Regions whose figures changed and counters this epoch does not know yet. */
void drain_put_program(struct drain *drain);

/* What the thread added after its last sample: for its end, or the process's. */
void drain_put_rest(struct drain *drain, const struct ring_slot *slot,
                    const struct drain_slot *seen);

/* The chunk is written, or not: what was read counts, or will be read again. */
void drain_program_written(const struct drain *drain, struct ring_slot *slot,
                           const struct drain_slot *seen);
void drain_program_abandoned(const struct drain *drain, const struct ring_slot *slot,
                             struct drain_slot *seen);

#endif
