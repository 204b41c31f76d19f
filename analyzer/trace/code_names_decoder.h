/*
 * Files with names for code, from bytes to the visitor; for record_decoder.c.
 */
#ifndef PROFINJECT_TRACE_CODE_NAMES_DECODER_H
#define PROFINJECT_TRACE_CODE_NAMES_DECODER_H

#include "analyzer/trace/record_decoder.h"

/* False when it is damaged. */
bool code_names_decode(struct record_decoder *decoder, struct wire_cursor *body);

#endif
