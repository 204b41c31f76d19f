/*
 * How often and how long processors were slowed down because they were hot, by the counts of
 * Documentation/admin-guide/thermal of x86. Its own file because each processor shows the counts
 * of its core and of its package: they are taken once for each.
 */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <stdio.h>

static const char processors[] = "/sys/devices/system/cpu";

static int64_t topology(struct machine_base *base, unsigned number, const char *file, int64_t other)
{
    int64_t value;
    const char *at = base->files.text;
    ssize_t size = kernel_file_once(&base->files, "%s/cpu%u/topology/%s", processors, number, file);
    return size > 0 && number_text_decimal(&at, 0, &value) ? value : other;
}

static void add(struct machine_base *base, struct machine_throttle *throttle, unsigned number,
                const char *kind, const char *subject)
{
    struct machine_brake *brake = &throttle->brakes[throttle->count];
    struct kernel_files *files = &base->files;
    char path[64];
    snprintf(path, sizeof path, "cpu%u/thermal_throttle/%s_throttle", number, kind);
    if (kernel_file_open(files, &brake->count, "%s/%s_count", processors, path) != 0)
        return;
    throttle->count++;
    machine_series_add(&brake->throttles, base->log, RESOURCE_CPU_THROTTLES, subject);
    machine_series_add(&brake->throttled, base->log, RESOURCE_CPU_THROTTLED, subject);
    int error = kernel_file_open(files, &brake->time, "%s/%s_total_time_ms", processors, path);
    if (error) /* before Linux 5.5 */
        machine_series_fail(&brake->throttled, base->log, "total_time_ms", error);
}

static void open_processor(struct machine_base *base, struct machine_throttle *throttle,
                           unsigned number, uint64_t packages_known[4])
{
    char subject[32];
    int64_t package = topology(base, number, "physical_package_id", 0);
    /* The lowest of a core's threads, as "0,4" or "0-1", stands for it. */
    if (topology(base, number, "thread_siblings_list", number) == number) {
        snprintf(subject, sizeof subject, "cpu%u", number);
        add(base, throttle, number, "core", subject);
    }
    if (package < 0 || package >= 256 || packages_known[package / 64] >> package % 64 & 1)
        return;
    packages_known[package / 64] |= UINT64_C(1) << package % 64;
    snprintf(subject, sizeof subject, "package %u", (unsigned)package);
    add(base, throttle, number, "package", subject);
}

void machine_throttle_open(struct machine_base *base, struct machine_throttle *throttle)
{
    uint64_t packages_known[4] = {0};
    static const char reason[] = "this processor, or its host, does not count it";
    for (unsigned i = 0; i < base->cores; i++)
        if (kernel_file_exists(&base->files, "%s/cpu%u/thermal_throttle", processors, i))
            open_processor(base, throttle, i, packages_known);
    if (throttle->count)
        return;
    machine_series_none(base->log, RESOURCE_CPU_THROTTLES, reason);
    machine_series_none(base->log, RESOURCE_CPU_THROTTLED, reason);
}

static void look(struct machine_base *base, struct kernel_file *file, struct machine_series *series,
                 struct rising_count *count, uint64_t unit)
{
    int64_t value;
    if (!kernel_file_is_due(&base->files, file))
        return;
    int error = machine_number_read(base, file, 0, INT64_MAX, &value);
    if (error)
        machine_series_silence(series, base->log, kernel_error_text(error));
    else
        machine_series_count(series, base->log, count, (uint64_t)value, unit);
}

void machine_throttle_look(struct machine_base *base, struct machine_throttle *throttle)
{
    for (unsigned i = 0; i < throttle->count; i++) {
        struct machine_brake *brake = &throttle->brakes[i];
        look(base, &brake->count, &brake->throttles, &brake->counted, 1);
        look(base, &brake->time, &brake->throttled, &brake->timed, 1000000);
    }
}
