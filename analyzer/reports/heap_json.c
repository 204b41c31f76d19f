/*
 * The heap for machines. Its own file because every figure of it is three: an estimate
 * and its 95 % interval.
 */
#include "analyzer/reports/heap_json.h"

#include "analyzer/model/heap_functions.h"

#include <math.h>
#include <stdlib.h>

void heap_json_estimate(struct json *json, const char *key, const struct estimate *estimate,
                        uint64_t interval)
{
    struct interval bounds = estimate_interval(estimate, (double)interval);

    json_object_begin(json, key);
    json_int(json, "value", llround(estimate->total));
    json_int(json, "low", llround(bounds.low));
    json_int(json, "high", llround(bounds.high));
    json_object_end(json);
}

static void write_site(struct json *json, const char *key, const struct heap_site *site,
                       uint64_t interval)
{
    json_object_begin(json, key);
    heap_json_estimate(json, "alloc_bytes", &site->allocated.bytes, interval);
    heap_json_estimate(json, "alloc_count", &site->allocated.count, interval);
    heap_json_estimate(json, "live_bytes", &site->live.bytes, interval);
    heap_json_estimate(json, "live_count", &site->live.count, interval);
    heap_json_estimate(json, "peak_bytes", &site->peak.bytes, interval);
    heap_json_estimate(json, "temporary_count", &site->temporary, interval);
    json_object_end(json);
}

static int64_t alloc_bytes(const struct function *function)
{
    return function->total[METRIC_ALLOC_BYTES];
}

static void write_functions(struct json *json, const struct text_report *report, uint64_t interval)
{
    const struct labels *labels = &report->functions.labels;
    struct heap_function *heap = heap_functions_new(report->profile, labels);
    size_t count;
    uint32_t *order = text_rank(&report->functions, alloc_bytes, &count);

    json_array_begin(json, "functions");
    for (size_t i = 0; i < count && i < report->top; i++) {
        const struct label *label = &labels->items[order[i]];
        json_object_begin(json, NULL);
        json_string(json, "function", label->name);
        json_string(json, "file", label->file);
        json_string(json, "module", label->module);
        write_site(json, "self", &heap[order[i]].self, interval);
        write_site(json, "total", &heap[order[i]].total, interval);
        json_object_end(json);
    }
    json_array_end(json);
    free(order);
    free(heap);
}

static void write_processes(struct json *json, const struct profile *profile)
{
    json_array_begin(json, "processes");
    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        if (!process->heap.has_sites)
            continue;
        json_object_begin(json, NULL);
        json_int(json, "pid", process->pid);
        json_uint(json, "interval_bytes", process->heap.interval);
        heap_json_estimate(json, "live_bytes", &process->heap.live.bytes, process->heap.interval);
        heap_json_estimate(json, "peak_bytes", &process->heap.peak.bytes, process->heap.interval);
        json_uint(json, "peak_after_ns",
                  process->heap.peak_ns > process->start_ns
                      ? process->heap.peak_ns - process->start_ns
                      : 0);
        json_uint(json, "lost_events", process->heap.lost);
        json_object_end(json);
    }
    json_array_end(json);
}

void heap_json(struct json *json, const struct text_report *report)
{
    const struct profile *profile = report->profile;
    uint64_t interval = 0;

    for (size_t i = 0; i < profile->process_count; i++)
        if (profile->processes[i].heap.interval > interval)
            interval = profile->processes[i].heap.interval;
    if (!profile_has_metric(profile, METRIC_ALLOC_BYTES)) {
        json_null(json, "heap_profile");
        return;
    }
    json_object_begin(json, "heap_profile");
    write_processes(json, profile);
    write_functions(json, report, interval);
    json_object_end(json);
}
