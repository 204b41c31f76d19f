/* Putting values, or why there are none. Its own file because all parts do it in the same way. */
#include "preload/resources/machine_series.h"

#include "preload/resources/kernel_files.h"

#include <stdio.h>

#define REASON_SIZE 96

void machine_series_add(struct machine_series *series, struct resource_log *log,
                        enum resource resource, const char *subject)
{
    series->id = resource_log_add(log, resource, subject, 0);
    series->silent = false;
}

void machine_series_put(struct machine_series *series, struct resource_log *log, int64_t value)
{
    if (!series->id)
        return;
    if (series->silent)
        resource_log_unavailable(log, series->id, NULL);
    series->silent = false;
    resource_log_put(log, series->id, value);
}

void machine_series_count(struct machine_series *series, struct resource_log *log,
                          struct rising_count *count, uint64_t raw, uint64_t unit)
{
    if (rising_count_step(count, raw, 0))
        machine_series_put(series, log, (int64_t)(count->sum * unit));
}

void machine_series_silence(struct machine_series *series, struct resource_log *log,
                            const char *reason)
{
    if (series->id && !series->silent)
        resource_log_unavailable(log, series->id, reason);
    series->silent = true;
}

void machine_series_fail(struct machine_series *series, struct resource_log *log, const char *path,
                         int error)
{
    char reason[REASON_SIZE];
    if (series->silent)
        return;
    snprintf(reason, sizeof reason, "%s: %s", path, kernel_error_text(error));
    machine_series_silence(series, log, reason);
}

void machine_series_none(struct resource_log *log, enum resource resource, const char *reason)
{
    struct machine_series series = {0};
    machine_series_add(&series, log, resource, NULL);
    machine_series_silence(&series, log, reason);
}
