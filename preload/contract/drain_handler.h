/*
 * What the sample handler cost and met, from the ring file to the trace: TRACE_HANDLER,
 * TRACE_UNWINDING.
 * For the drain only; same threading as it.
 */
#ifndef PROFINJECT_DRAIN_HANDLER_H
#define PROFINJECT_DRAIN_HANDLER_H

#include "preload/contract/buffer.h"
#include "preload/contract/ring_format.h"

/*
 * Appends the record to `to` when handlers measured themselves since `*frames_written`,
 * the count of frames in the record before, which it updates. `body` is scratch.
 * Returns the number of records appended.
 */
uint32_t encode_handler(struct buffer *to, struct buffer *body, const struct ring_handler *handler,
                        uint64_t *frames_written);

/* Likewise for what handlers counted; *sum_written is the sum of all counts. */
uint32_t encode_unwinding(struct buffer *to, struct buffer *body,
                          const struct ring_unwinding *unwinding, uint64_t *sum_written);

#endif
