/*
 * Encoding of TRACE_WAITS, TRACE_SCHEDULING and TRACE_OBJECT (trace_format.h): what a thread waited
 * for, how long it ran and was ready to, and what it waited for has a name. For the drain only;
 * same threading as it.
 */
#ifndef PROFINJECT_ENCODE_WAITS_H
#define PROFINJECT_ENCODE_WAITS_H

#include "preload/contract/buffer.h"
#include "preload/contract/ring_format.h"

/* Waits stay where they are until the batch is whole; `stacks` remembers their trace numbers. */
#define WAITS_BATCH_MAX (RING_DATA_SIZE / sizeof(struct ring_wait) + 1)
static_assert(WAITS_BATCH_MAX > RING_WAITS, "the entries of a slot, and one that is not over");
struct waits_encoder {
    uint32_t count, flags; /* TRACE_WAITS_* */
    const struct ring_wait *waits[WAITS_BATCH_MAX];
    uint32_t stacks[WAITS_BATCH_MAX];
};
void waits_encoder_init(struct waits_encoder *encoder, uint32_t flags);
void waits_encoder_add(struct waits_encoder *encoder, const struct ring_wait *wait, uint32_t stack);

/* Appends the record to `to`, using `body` as scratch; returns the number of records
 * appended: none when there was nothing. */
uint32_t waits_encoder_finish(struct waits_encoder *encoder, struct buffer *to, struct buffer *body,
                              uint32_t thread);

/* `now` and `begun` are of the thread's whole life: the difference is told. */
uint32_t encode_scheduling(struct buffer *to, struct buffer *body, uint32_t thread,
                           uint64_t when_ns, const struct ring_scheduling *begun,
                           const struct ring_scheduling *now);

uint32_t encode_object(struct buffer *to, struct buffer *body, uint32_t id,
                       const struct ring_object *object);

#endif
