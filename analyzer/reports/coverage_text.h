/*
 * Sampled against measured CPU time, as reports say it. Stateless.
 */
#ifndef PROFINJECT_REPORTS_COVERAGE_TEXT_H
#define PROFINJECT_REPORTS_COVERAGE_TEXT_H

#include "analyzer/model/coverage.h"
#include "analyzer/util/json.h"

#include <stdio.h>

/* "99.8 % of 12.3 s sampled", with what was used in pauses, and what of threads shorter than
 * a tick is estimated; free(). */
char *coverage_text(const struct coverage *coverage);

/* A line for each of the first threads whose sampled time differs from the measured one by
 * more than chance explains, each after `indent`, at most `columns` wide; nothing where
 * there are none. */
void coverage_warn(FILE *out, const struct profile *profile, const char *indent, size_t columns);

/* Threads with CPU time, most first, and how much of it was sampled: `rows` of them. */
void coverage_table(FILE *out, const struct profile *profile, size_t rows);

/* Arrays "per_thread" and "unfair": all threads, and the ones warned of. */
void coverage_json(struct json *json, const struct profile *profile);

#endif
