/*
 * Decoding of what threads waited for (TRACE_WAITS, TRACE_SCHEDULING, TRACE_OBJECT in
 * preload/contract/trace_format.h), for record_decoder.c. Same threading as it.
 */
#ifndef PROFINJECT_TRACE_WAITS_DECODER_H
#define PROFINJECT_TRACE_WAITS_DECODER_H

#include "analyzer/trace/record_decoder.h"

/* False when the record means nothing. */
bool waits_decode(struct record_decoder *decoder, struct wire_cursor *body);
bool waits_decode_scheduling(struct record_decoder *decoder, struct wire_cursor *body);
bool waits_decode_object(struct record_decoder *decoder, struct wire_cursor *body);

#endif
