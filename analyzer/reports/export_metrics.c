/*
 * Which metrics go into an export. Its own file because all formats take the same ones.
 */
#include "analyzer/reports/export_metrics.h"

struct export_metrics export_metrics_of(const struct profile *profile, bool with_signed)
{
    struct export_metrics metrics = {.count = 0};

    for (int i = 0; i < METRIC_COUNT; i++)
        if (profile_has_metric(profile, (enum metric)i) &&
            (with_signed || !metric_info((enum metric)i)->is_signed))
            metrics.items[metrics.count++] = (enum metric)i;
    return metrics;
}

const char *export_metrics_unit(enum metric metric)
{
    return metric_unit_name(metric_info(metric)->unit);
}
