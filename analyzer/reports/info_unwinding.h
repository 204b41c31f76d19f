/*
 * How stacks were found, and why some are not whole, as `info` shows it. Stateless.
 */
#ifndef PROFINJECT_REPORTS_INFO_UNWINDING_H
#define PROFINJECT_REPORTS_INFO_UNWINDING_H

#include "analyzer/reports/facts.h"
#include "analyzer/util/json.h"

#include <stdio.h>

/* An object "unwinding": hard frames by the way they were found, incomplete stacks and
 * lost samples by cause, stacks taken off the processor; and `troubles`, where there was
 * no exact way on, which NULL leaves out. */
void info_unwinding_json(struct json *json, const struct facts *facts,
                         const struct profile *troubles);

/* Lines for what is not 0. */
void info_unwinding_text(FILE *out, const struct facts *facts, const struct profile *troubles);

#endif
