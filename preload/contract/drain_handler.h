/*
 * What the ring file's head counts, from there to the trace: what the sample handler
 * cost and met (TRACE_HANDLER, TRACE_UNWINDING), the looks of the wall clock, and children.
 * For the drain only; same threading as it.
 */
#ifndef PROFINJECT_DRAIN_HANDLER_H
#define PROFINJECT_DRAIN_HANDLER_H

#include "preload/contract/buffer.h"
#include "preload/contract/ring_format.h"

#include <stdbool.h>

/*
 * Appends the record to `to` when handlers measured themselves since `*frames_written`,
 * the count of frames in the record before, which it updates. `body` is scratch.
 * Returns the number of records appended.
 */
uint32_t encode_handler(struct buffer *to, struct buffer *body, const struct ring_handler *handler,
                        uint64_t *frames_written);

/* Likewise the properties `looks` and `looking_ns`, when the wall clock looked since
 * `*looks_written`. */
uint32_t encode_looks(struct buffer *to, const struct ring_file *ring, uint64_t *looks_written);

/* Likewise the properties `brief_children` and `brief_children_us`, when there are more. */
uint32_t encode_children(struct buffer *to, const struct ring_file *ring,
                         uint64_t *children_written);

/* Likewise the property `waits_lost`. */
uint32_t encode_waits_lost(struct buffer *to, const struct ring_file *ring, uint64_t *lost_written);

/* Likewise the property `servant_cpu_ns`, where there is something else to write, when it has grown by
 * an eighth, or at all and it is the last time. */
uint32_t encode_servant(struct buffer *to, uint64_t used_ns, bool last, uint64_t *written);

/* Likewise for what handlers counted; *sum_written is the sum of all counts. */
uint32_t encode_unwinding(struct buffer *to, struct buffer *body,
                          const struct ring_unwinding *unwinding, uint64_t *sum_written);

/* In a trace that rotates: how much there was before. */
uint32_t encode_before(struct buffer *to, struct buffer *body, const struct ring_file *ring);

#endif
