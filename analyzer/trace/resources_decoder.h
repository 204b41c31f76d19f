/*
 * Decoding of series of resources (TRACE_RESOURCE, TRACE_RESOURCES in
 * preload/contract/trace_format.h), for record_decoder.c. Same threading as it.
 */
#ifndef PROFINJECT_TRACE_RESOURCES_DECODER_H
#define PROFINJECT_TRACE_RESOURCES_DECODER_H

#include "analyzer/trace/record_decoder.h"

/* Ids beyond are damage, and moments of one record: 10 a second are a minute's many times over. */
#define RESOURCES_SERIES_MAX (1u << 22)
#define RESOURCES_MOMENTS_MAX (1u << 16)

/* False when the record means nothing. A point that cannot be is dropped alone, and counted with
 * the samples. */
bool resources_decode_series(struct record_decoder *decoder, struct wire_cursor *body);
bool resources_decode_points(struct record_decoder *decoder, struct wire_cursor *body);

#endif
