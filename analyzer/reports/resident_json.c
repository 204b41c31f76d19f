/*
 * Resident and mapped memory for machines. Its own file because both are apart from the
 * allocator's.
 */
#include "analyzer/reports/resident_json.h"

#include "analyzer/model/mapped_functions.h"
#include "analyzer/model/resident.h"

#include <stdlib.h>

static const char *const keys[RESIDENT_PARTS] = {
    [RESIDENT_LIVE] = "live_heap",    [RESIDENT_FRAGMENTATION] = "fragmentation",
    [RESIDENT_MAPPED] = "mapped",     [RESIDENT_STACKS] = "stacks",
    [RESIDENT_LAZY] = "lazily_freed", [RESIDENT_SHMEM] = "shared_memory",
    [RESIDENT_FILES] = "files",       [RESIDENT_DATA] = "private_file_data",
    [RESIDENT_OWN] = "profinject",    [RESIDENT_OTHER] = "other",
};

static void write_known(struct json *json, const char *key, bool known, uint64_t value)
{
    if (known)
        json_uint(json, key, value);
    else
        json_null(json, key);
}

static void write_look(struct json *json, const char *key, const struct profile_process *process,
                       size_t number)
{
    const struct profile_resident *look = &process->mapped.looks[number];
    struct resident_parts parts = resident_parts_of(look);

    json_object_begin(json, key);
    json_uint(json, "after_ns",
              look->time_ns > process->start_ns ? look->time_ns - process->start_ns : 0);
    json_uint(json, "rss_bytes", look->resident);
    write_known(json, "rss_high_water_bytes", look->highest != 0, look->highest);
    json_object_begin(json, "parts");
    for (enum resident_part part = 0; part < RESIDENT_PARTS; part++)
        write_known(json, keys[part], parts.known & 1u << part, parts.bytes[part]);
    json_object_end(json);
    write_known(json, "live_bytes", look->known & TRACE_RESIDENT_LIVE, look->live);
    write_known(json, "held_bytes", look->known & TRACE_RESIDENT_HELD, look->held + look->large);
    write_known(json, "mapped_bytes", look->known & TRACE_RESIDENT_MAPPED, look->mapped);
    write_known(json, "huge_page_bytes", look->known & TRACE_RESIDENT_PAGES, look->huge);
    write_known(json, "hugetlb_bytes", look->known & TRACE_RESIDENT_PAGES, look->hugetlb);
    json_string(json, "largest_file", look->file);
    write_known(json, "largest_file_bytes", look->file != NULL, look->file_resident);
    json_object_end(json);
}

static void write_labels(struct json *json)
{
    json_object_begin(json, "labels");
    json_string(json, "rss_bytes", "exact");
    for (enum resident_part part = 0; part < RESIDENT_PARTS; part++)
        json_string(json, keys[part], resident_part_label(part));
    json_object_end(json);
}

static void write_most(struct json *json, const struct profile *profile,
                       const struct profile_process *process)
{
    static const char *const seers[] = {[RESIDENT_SEEN_BY_LOOK] = "look",
                                        [RESIDENT_SEEN_BY_SERIES] = "process.rss",
                                        [RESIDENT_SEEN_BY_KERNEL] = "kernel"};
    struct resident_most most = resident_most(profile, process);

    json_object_begin(json, "most");
    json_uint(json, "rss_bytes", most.bytes);
    json_string(json, "seen_by", seers[most.by]);
    write_known(json, "after_ns", most.time_ns != 0,
                most.time_ns > process->start_ns ? most.time_ns - process->start_ns : 0);
    json_object_end(json);
}

static void write_process(struct json *json, const struct profile *profile,
                          const struct profile_process *process)
{
    const struct profile_mapped *mapped = &process->mapped;

    json_object_begin(json, NULL);
    json_int(json, "pid", process->pid);
    if (!(mapped->looks[0].known & TRACE_RESIDENT_LIVE))
        json_string(json, "heap_unavailable", facts_memory_reason(process));
    write_look(json, "start", process, 0);
    write_look(json, "peak", process, resident_peak(mapped));
    write_look(json, "end", process, mapped->look_count - 1);
    write_most(json, profile, process);
    json_array_begin(json, "looks");
    for (size_t i = 0; i < mapped->look_count; i++)
        write_look(json, NULL, process, i);
    json_array_end(json);
    json_object_end(json);
}

static void write_resident(struct json *json, const struct profile *profile)
{
    bool any = false;

    for (size_t i = 0; i < profile->process_count; i++)
        any = any || profile->processes[i].mapped.look_count > 0;
    if (!any) {
        json_null(json, "resident");
        return;
    }
    json_object_begin(json, "resident");
    write_labels(json);
    json_array_begin(json, "processes");
    for (size_t i = 0; i < profile->process_count; i++)
        if (profile->processes[i].mapped.look_count > 0)
            write_process(json, profile, &profile->processes[i]);
    json_array_end(json);
    json_object_end(json);
}

static void write_functions(struct json *json, const struct text_report *report)
{
    const struct labels *labels = &report->functions.labels;
    size_t count;
    struct mapped_function *functions = mapped_functions_new(report->profile, labels, &count);

    json_array_begin(json, "functions");
    for (size_t i = 0; i < count && i < report->top; i++) {
        const struct label *label = &labels->items[functions[i].label];
        json_object_begin(json, NULL);
        json_string(json, "function", label->name);
        json_string(json, "file", label->file);
        json_string(json, "module", label->module);
        json_uint(json, "live_bytes", functions[i].sum.live);
        json_uint(json, "peak_bytes", functions[i].sum.peak);
        json_uint(json, "mapped_bytes", functions[i].sum.mapped);
        json_uint(json, "count", functions[i].sum.count);
        json_object_end(json);
    }
    json_array_end(json);
    free(functions);
}

static void write_mapped(struct json *json, const struct text_report *report)
{
    const struct profile *profile = report->profile;

    if (!profile_has_metric(profile, METRIC_MAPPED_BYTES)) {
        json_null(json, "mapped");
        return;
    }
    json_object_begin(json, "mapped");
    json_array_begin(json, "processes");
    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_mapped *mapped = &profile->processes[i].mapped;
        if (!mapped->is_known)
            continue;
        json_object_begin(json, NULL);
        json_int(json, "pid", profile->processes[i].pid);
        json_uint(json, "live_bytes", mapped->live);
        json_uint(json, "peak_bytes", mapped->peak);
        json_uint(json, "lost_events", mapped->lost);
        json_object_end(json);
    }
    json_array_end(json);
    write_functions(json, report);
    json_object_end(json);
}

void resident_json(struct json *json, const struct text_report *report)
{
    write_resident(json, report->profile);
    write_mapped(json, report);
}
