/*
 * The metrics of an export that holds several. No state.
 */
#ifndef PROFINJECT_REPORTS_EXPORT_METRICS_H
#define PROFINJECT_REPORTS_EXPORT_METRICS_H

#include "analyzer/model/profile.h"

struct export_metrics {
    enum metric items[METRIC_COUNT];
    size_t count;
};

/* Those that the profile holds; without `with_signed` those alone that are never below 0. */
struct export_metrics export_metrics_of(const struct profile *profile, bool with_signed);

/* "nanoseconds", "bytes", "count". */
const char *export_metrics_unit(enum metric metric);

#endif
