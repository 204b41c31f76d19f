/*
 * Decoding of TRACE_MAPPINGS, TRACE_MAPPINGS_LOST and TRACE_RESIDENT; the contract of
 * record_decoder.h. Each returns false when the record cannot be read.
 */
#ifndef PROFINJECT_TRACE_MAPPING_DECODER_H
#define PROFINJECT_TRACE_MAPPING_DECODER_H

#include "analyzer/trace/record_decoder.h"
#include "analyzer/trace/wire.h"

bool mapping_decode_events(struct record_decoder *decoder, struct wire_cursor *body);
bool mapping_decode_lost(struct record_decoder *decoder, struct wire_cursor *body);
bool mapping_decode_resident(struct record_decoder *decoder, struct wire_cursor *body);

#endif
