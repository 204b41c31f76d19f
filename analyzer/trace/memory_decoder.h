/*
 * Decoding of the scan of the memory. Part of the record decoder; returns false for a
 * record that is not sound.
 */
#ifndef PROFINJECT_TRACE_MEMORY_DECODER_H
#define PROFINJECT_TRACE_MEMORY_DECODER_H

#include "analyzer/trace/record_decoder.h"
#include "analyzer/trace/wire.h"

bool memory_decode_words(struct record_decoder *decoder, struct wire_cursor *body);
bool memory_decode_scan(struct record_decoder *decoder, struct wire_cursor *body);

#endif
