/*
 * Decoding of what a program says of itself: regions, counters, counts; and how much there was. Part of the
 * record decoder; returns false for a record that is not sound.
 */
#ifndef PROFINJECT_TRACE_PROGRAM_DECODER_H
#define PROFINJECT_TRACE_PROGRAM_DECODER_H

#include "analyzer/trace/record_decoder.h"
#include "analyzer/trace/wire.h"

bool program_decode_region(struct record_decoder *decoder, struct wire_cursor *body);
bool program_decode_counter(struct record_decoder *decoder, struct wire_cursor *body);
bool program_decode_counts(struct record_decoder *decoder, struct wire_cursor *body);
bool program_decode_before(struct record_decoder *decoder, struct wire_cursor *body);

#endif
