/*
 * The heap for machines. Its own file because every figure of it is three: an estimate
 * and its 95 % interval.
 */
#include "analyzer/reports/heap_json.h"

#include "analyzer/model/heap_functions.h"
#include "analyzer/reports/heap_cells.h"
#include "analyzer/reports/heap_time_json.h"

#include <math.h>
#include <stdlib.h>

static void write_estimate(struct json *json, const char *key, const struct estimate *estimate,
                           double missed)
{
    struct interval bounds = estimate_interval(estimate, missed);

    json_object_begin(json, key);
    json_int(json, "value", llround(estimate->total));
    json_int(json, "low", llround(bounds.low));
    json_int(json, "high", llround(bounds.high));
    json_object_end(json);
}

void heap_json_bytes(struct json *json, const char *key, const struct estimate *bytes,
                     uint64_t interval)
{
    write_estimate(json, key, bytes, estimate_missed_bytes(interval));
}

void heap_json_count(struct json *json, const char *key, const struct estimate *count,
                     uint64_t interval)
{
    write_estimate(json, key, count, estimate_missed_blocks(interval));
}

static void write_amount(struct json *json, const struct heap_amount *amount, uint64_t interval)
{
    heap_json_count(json, "count", &amount->count, interval);
    heap_json_bytes(json, "bytes", &amount->bytes, interval);
}

/* Chains are known where every block is. */
static void write_chains(struct json *json, const struct heap_chain_sums *sums, uint64_t interval)
{
    if (sums->resizes.total <= 0) {
        json_null(json, "resized");
        return;
    }
    json_object_begin(json, "resized");
    heap_json_count(json, "resizes", &sums->resizes, interval);
    heap_json_bytes(json, "copied_at_most", &sums->copied, interval);
    if (interval == 0) {
        json_uint(json, "moved", sums->moved);
        json_uint(json, "chains", sums->chains);
        json_uint(json, "longest", sums->longest);
        json_uint(json, "worst_copied", sums->worst_copied);
        json_uint(json, "end_bytes", sums->final_bytes);
        json_uint(json, "largest_end_bytes", sums->largest);
    }
    json_object_end(json);
}

static void write_site(struct json *json, const char *key, const struct heap_site *site,
                       uint64_t interval)
{
    json_object_begin(json, key);
    heap_json_bytes(json, "alloc_bytes", &site->allocated.bytes, interval);
    heap_json_count(json, "alloc_count", &site->allocated.count, interval);
    heap_json_bytes(json, "live_bytes", &site->live.bytes, interval);
    heap_json_count(json, "live_count", &site->live.count, interval);
    heap_json_bytes(json, "peak_bytes", &site->peak.bytes, interval);
    heap_json_count(json, "temporary_count", &site->temporary, interval);
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
        write_chains(json, &heap[order[i]].chains, interval);
        json_object_end(json);
    }
    json_array_end(json);
    free(order);
    free(heap);
}

static void write_sizes(struct json *json, const struct profile_heap *heap)
{
    struct heap_range range = heap_classes_range(heap->sizes.at, HEAP_SIZE_CLASSES);

    json_array_begin(json, "sizes");
    for (size_t i = range.first; i < range.end; i++) {
        json_object_begin(json, NULL);
        json_uint(json, "to_bytes", (uint64_t)1 << i);
        write_amount(json, &heap->sizes.at[i], heap->interval);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_lifetimes(struct json *json, const struct profile_heap *heap)
{
    struct heap_range range = heap_classes_range(heap->lifetimes.at, HEAP_LIFE_CLASSES);

    json_array_begin(json, "lifetimes");
    for (size_t i = range.first; i < range.end; i++) {
        json_object_begin(json, NULL);
        json_uint(json, "from_ns", heap_life_low[i]);
        if (i + 1 < HEAP_LIFE_CLASSES)
            json_uint(json, "below_ns", heap_life_low[i + 1]);
        else
            json_null(json, "below_ns");
        write_amount(json, &heap->lifetimes.at[i], heap->interval);
        json_object_end(json);
    }
    json_array_end(json);
}

/* Of whole processes only: a part of one has none. */
static void write_classes(struct json *json, const struct profile_heap *heap)
{
    if (heap->part) {
        json_null(json, "sizes");
        json_null(json, "lifetimes");
        return;
    }
    write_sizes(json, heap);
    write_lifetimes(json, heap);
}

static void write_processes(struct json *json, const struct text_report *report)
{
    const struct profile *profile = report->profile;

    json_array_begin(json, "processes");
    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        if (!process->heap.has_sites)
            continue;
        json_object_begin(json, NULL);
        json_int(json, "pid", process->pid);
        json_uint(json, "interval_bytes", process->heap.interval);
        heap_json_bytes(json, "alloc_bytes", &process->heap.allocated.bytes,
                        process->heap.interval);
        heap_json_count(json, "alloc_count", &process->heap.allocated.count,
                        process->heap.interval);
        heap_json_bytes(json, "live_bytes", &process->heap.live.bytes, process->heap.interval);
        heap_json_bytes(json, "peak_bytes", &process->heap.peak.bytes, process->heap.interval);
        json_uint(json, "peak_after_ns",
                  process->heap.peak_ns > process->start_ns
                      ? process->heap.peak_ns - process->start_ns
                      : 0);
        json_uint(json, "lost_events", process->heap.lost);
        json_uint(json, "lost_segments", process->heap.segments_lost);
        json_uint(json, "unknown_frees", process->heap.unknown_frees);
        json_uint(json, "missing_frees", process->heap.missing_frees);
        write_classes(json, &process->heap);
        heap_time_json(json, report, (uint32_t)i);
        json_object_end(json);
    }
    json_array_end(json);
}

void heap_json(struct json *json, const struct text_report *report)
{
    const struct profile *profile = report->profile;
    uint64_t interval = profile_heap_interval(profile);

    if (!profile_has_metric(profile, METRIC_ALLOC_BYTES)) {
        json_null(json, "heap_profile");
        return;
    }
    json_object_begin(json, "heap_profile");
    write_processes(json, report);
    write_functions(json, report, interval);
    json_object_end(json);
}
