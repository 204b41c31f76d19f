/*
 * Writes a trace anew from what is sound in another: its sound chunks as they are, numbered
 * without gaps; one behind lost ones says so (TRACE_CHUNK_GAP). Readers find the same in both,
 * but for the arguments of commands, which may be secrets, where those are not to be kept.
 */
#ifndef PROFINJECT_TRACE_TRACE_CLEANER_H
#define PROFINJECT_TRACE_TRACE_CLEANER_H

#include "analyzer/util/problem.h"

#include <stdbool.h>
#include <stdio.h>

/* From the trace at `path`. 0, or a problem of reading it; a stream that failed is left to the
 * caller (ferror). */
int trace_clean(const char *path, FILE *out, bool keep_args, struct problem *problem);

#endif
