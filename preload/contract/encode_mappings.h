/*
 * Encoding of what the drain knows of memory beside the heap: TRACE_MAPPINGS and
 * TRACE_RESIDENT (trace_format.h). For the drain only; same threading as it.
 */
#ifndef PROFINJECT_ENCODE_MAPPINGS_H
#define PROFINJECT_ENCODE_MAPPINGS_H

#include "preload/contract/encode_heap.h"

/* As heap_encoder_finish(): the events are RING_MAPPING records. */
uint32_t mapping_encoder_finish(const struct heap_encoder *encoder, struct buffer *to,
                                struct buffer *body, uint32_t thread);

uint32_t encode_mappings_lost(struct buffer *to, struct buffer *body, uint64_t lost);
uint32_t encode_resident(struct buffer *to, struct buffer *body, const struct resident_look *look);

#endif
