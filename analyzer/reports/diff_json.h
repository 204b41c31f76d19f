/*
 * `diff --json`: everything that was compared, for programs. Stateless.
 */
#ifndef PROFINJECT_REPORTS_DIFF_JSON_H
#define PROFINJECT_REPORTS_DIFF_JSON_H

#include "analyzer/model/diff_changes.h"
#include "analyzer/model/diff_functions.h"

#include <stdio.h>

/*
 * As profinject-diff-1.schema.json has it. An object: `schema` "profinject-diff-1"; `metric`, `unit`, `label`; `absolute`; `basis` of the
 * intervals, "runs", "sampling" or null; `before`, `after`: paths and totals of the recordings;
 * `total`; `functions`, largest difference of self first, all of them. A change is before, after,
 * difference, low, high (95 %), p, tested, significant; in units of the metric, or shares from 0
 * to 1; null where it is not known.
 */
void diff_json_write(const struct diff *diff, const struct diff_changes *changes,
                     const struct labels *labels, FILE *out);

#endif
