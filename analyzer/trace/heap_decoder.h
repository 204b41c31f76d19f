/*
 * Decoding of heap events. Part of the record decoder; returns false for a record that
 * is not sound.
 */
#ifndef PROFINJECT_TRACE_HEAP_DECODER_H
#define PROFINJECT_TRACE_HEAP_DECODER_H

#include "analyzer/trace/record_decoder.h"
#include "analyzer/trace/wire.h"

bool heap_decode_events(struct record_decoder *decoder, struct wire_cursor *body);
bool heap_decode_until(struct record_decoder *decoder, struct wire_cursor *body);

/* The same where every event is there. Places whose stack is not defined, after damage,
 * are given TRACE_STACK_BROKEN: what was freed is to be known all the same. */
bool heap_decode_segment(struct record_decoder *decoder, struct wire_cursor *body);
bool heap_decode_clock(struct record_decoder *decoder, struct wire_cursor *body);

#endif
