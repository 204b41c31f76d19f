/*
 * Decoding of how a process ended. Part of the record decoder; returns false for a record
 * that is not sound.
 */
#ifndef PROFINJECT_TRACE_END_DECODER_H
#define PROFINJECT_TRACE_END_DECODER_H

#include "analyzer/trace/record_decoder.h"
#include "analyzer/trace/wire.h"

bool end_decode(struct record_decoder *decoder, struct wire_cursor *body);
bool end_decode_death(struct record_decoder *decoder, struct wire_cursor *body);

#endif
