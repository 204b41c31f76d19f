/*
 * What is inside a recording: clock, counts, losses, integrity. Its own file as
 * one output; it needs no symbols.
 */
#include "analyzer/model/last_second.h"
#include "analyzer/reports/coverage_text.h"
#include "analyzer/reports/end_json.h"
#include "analyzer/reports/end_text.h"
#include "analyzer/reports/facts_json.h"
#include "analyzer/reports/info_code.h"
#include "analyzer/reports/info_handler.h"
#include "analyzer/reports/info_resources.h"
#include "analyzer/reports/info_unwinding.h"
#include "analyzer/reports/info_waits.h"
#include "analyzer/reports/report.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define JSON_LINE_DEPTH 3
#define DEFAULT_TOP 40 /* a build has hundreds of processes; the facts should stay in view */
#define INDENT "                       " /* of a row's value */
#define TEXT_COLUMNS 100
#define THREAD_ROWS 10

/* What is known of blocks, over all processes. */
struct heap_facts {
    bool known;        /* in any of them */
    uint64_t interval; /* 0: every block is */
    double blocks, freed, lost, segments_lost;
};

static struct heap_facts heap_facts_of(const struct profile *profile)
{
    struct heap_facts sum = {.interval = profile_heap_interval(profile)};

    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_heap *heap = &profile->processes[i].heap;
        if (!heap->has_sites)
            continue;
        sum.known = true;
        sum.blocks += heap->allocated.count.number;
        sum.freed += heap->allocated.count.number - heap->live.count.number;
        sum.lost += (double)heap->lost;
        sum.segments_lost += (double)heap->segments_lost;
    }
    return sum;
}

static void json_heap(struct json *json, const struct profile *profile)
{
    struct heap_facts heap = heap_facts_of(profile);

    if (!heap.known) {
        json_string(json, "heap_events", NULL);
        return;
    }
    json_object_begin(json, "heap_events");
    json_uint(json, "interval_bytes", heap.interval);
    json_uint(json, "blocks", (uint64_t)heap.blocks);
    json_uint(json, "blocks_freed", (uint64_t)heap.freed);
    json_uint(json, "lost", (uint64_t)heap.lost);
    json_uint(json, "segments_lost", (uint64_t)heap.segments_lost);
    json_object_end(json);
}

static void json_integrity(struct json *json, const struct facts *facts)
{
    json_uint(json, "bytes", facts->bytes);
    json_uint(json, "chunks", facts->chunks);
    json_uint(json, "chunks_damaged", facts->chunks_damaged);
    json_uint(json, "chunks_dropped", facts->chunks_before);
    json_uint(json, "records_dropped", facts->records_before);
    json_uint(json, "records_missing", facts->records_missing);
    json_uint(json, "chunks_of_unknown_content", facts->chunks_untold);
    json_uint(json, "recovered_records", facts->recovered_records);
    json_string(json, "exit", facts->root != NULL ? facts_end(facts->root).text : NULL);
}

static void json_process(struct json *json, const struct facts *facts)
{
    const struct profile_process *process = facts->root;

    json_object_begin(json, NULL);
    json_int(json, "pid", process->pid);
    json_int(json, "ppid", process->ppid);
    json_uint(json, "image", process->image);
    json_string(json, "comm", process->comm);
    json_string(json, "command", process->command);
    json_string(json, "exe", process->exe);
    json_string(json, "trace", process->trace);
    json_uint(json, "threads", facts->threads);
    json_uint(json, "brief_children", facts->brief_children);
    facts_json_counts(json, facts);
    facts_json_clock(json, facts);
    info_handler_json(json, &facts->handler);
    info_unwinding_json(json, facts, NULL);
    json_integrity(json, facts);
    json_string(json, "memory_unavailable",
                process->has_memory ? NULL : facts_memory_reason(process));
    json_string(json, "hardware_counters", process->counters);
    json_string(json, "hardware_counters_unavailable", process->counters_reason);
    info_code_json(json, process);
    json_object_begin(json, "properties");
    for (size_t i = 0; i < process->property_count; i++)
        json_string(json, process->properties[i].name, process->properties[i].value);
    json_object_end(json);
    json_object_end(json);
}

/* CPU time of those who write, over all processes, as noted by each trace's last chunk but one. */
static uint64_t servant_ns(const struct profile *profile)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < profile->process_count; i++) {
        const char *used = profile_property(&profile->processes[i], "servant_cpu_ns");
        sum = sum_unsigned(sum, used != NULL ? strtoull(used, NULL, 10) : 0);
    }
    return sum;
}

/* What filters left; all else is of the whole run. */
static void json_part(struct json *json, const struct profile *profile)
{
    if (profile->part == NULL) {
        json_null(json, "part");
        return;
    }
    json_object_begin(json, "part");
    json_string(json, "of", profile->part);
    json_uint(json, "samples", (uint64_t)profile_total(profile, METRIC_SAMPLES));
    json_uint(json, "cpu_ns", (uint64_t)profile_total(profile, METRIC_CPU));
    json_object_end(json);
}

static void write_json(const struct profile *profile, const struct facts *facts,
                       const struct report_options *options, FILE *out)
{
    struct facts *processes = facts_of_processes(profile);
    struct json json;

    json_init(&json, out, JSON_LINE_DEPTH);
    json_object_begin(&json, NULL);
    facts_json_counts(&json, facts);
    json_part(&json, profile);
    json_uint(&json, "threads", profile->thread_count);
    json_uint(&json, "processes", facts->processes);
    json_uint(&json, "brief_children", facts->brief_children);
    facts_json_clock(&json, facts);
    json_integrity(&json, facts);
    json_uint(&json, "servant_cpu_ns", servant_ns(profile));
    info_handler_json(&json, &facts->handler);
    info_unwinding_json(&json, facts, profile);
    info_losses_json(&json, profile);
    json_heap(&json, profile);
    info_waits_json(&json, profile);
    info_resources_json(&json, profile);
    json_uint(&json, "rings_left", options->rings_left);
    json_uint(&json, "rings_left_bytes", options->rings_left_bytes);
    coverage_json(&json, profile);
    end_json(&json, profile, NULL);
    json_array_begin(&json, "per_process");
    for (size_t i = 0; i < profile->process_count; i++)
        json_process(&json, &processes[i]);
    json_array_end(&json);
    json_array_begin(&json, "messages");
    for (size_t i = 0; i < profile->message_count; i++)
        json_string(&json, NULL, profile->messages[i]);
    json_array_end(&json);
    json_object_end(&json);
    json_finish(&json);
    free(processes);
}

static void text_row(FILE *out, const char *name, const char *value)
{
    char *clean = utf8_clean(value != NULL ? value : "unavailable (not in the trace)");

    fprintf(out, "  %-20s %s\n", name, clean);
    free(clean);
}

static void text_count(FILE *out, const char *name, uint64_t count, uint64_t all, const char *what)
{
    fprintf(out, "  %-20s %s", name, units_exact((int64_t)count).text);
    if (all > 0 && count > 0)
        fprintf(out, " (%s of %s)", units_percent((double)count, (double)all).text, what);
    fputc('\n', out);
}

static void text_clock(FILE *out, const struct facts *facts)
{
    const struct profile_process *root = facts->root;

    text_row(out, "clock", root->clock);
    text_row(out, "unwinder", root->unwinder);
    if (root->frequency_asked != 0)
        fprintf(out, "  %-20s %" PRIu64 " Hz of each thread's CPU time\n", "frequency asked",
                root->frequency_asked);
    else
        text_row(out, "frequency asked", NULL);
    if (facts->frequency_delivered > 0 && facts->weight > 0)
        fprintf(out, "  %-20s %.1f stacks per CPU second, each for %.2f periods\n",
                "frequency delivered", facts->frequency_delivered, facts->weight);
    else
        text_row(out, "frequency delivered", "unavailable (nothing was sampled)");
    if (facts->looks > 0)
        fprintf(out, "  %-20s %.1f per second of %" PRIu64 " asked, rarer while no thread runs\n",
                "looks", facts_look_rate(facts), root->looks_asked);
}

static bool is_asked_part(const struct profile *profile)
{
    return profile->part != NULL && profile->part != profile->kept;
}

static void text_part(FILE *out, const struct profile *profile, const struct facts *facts)
{
    char *text =
        memory_printf("%s: %s of %" PRIu64 " samples, %s of CPU time", profile->part,
                      units_exact(profile_total(profile, METRIC_SAMPLES)).text, facts->samples,
                      units_duration(profile_total(profile, METRIC_CPU)).text);

    text_row(out, "part", text);
    text_row(out, "", "all else is of the whole run");
    free(text);
}

static void text_coverage(FILE *out, const struct profile *profile, const struct facts *facts)
{
    bool whole = profile->kept == NULL;
    char *text = whole ? coverage_text(&facts->coverage)
                       : memory_printf("%s sampled in what was kept",
                                       units_duration((int64_t)facts->coverage.sampled_ns).text);

    text_row(out, "thread CPU time", text);
    if (whole)
        coverage_warn(out, profile, INDENT, TEXT_COLUMNS);
    free(text);
}

static void text_memory(FILE *out, const struct profile *profile, const struct facts *facts)
{
    char *text;

    if (facts->memory_processes == 0)
        text = memory_printf("unavailable (%s)", facts_memory_reason(facts->root));
    else if (facts->memory_processes < profile->process_count)
        text = memory_printf("exact counters, in %zu of %zu processes", facts->memory_processes,
                             profile->process_count);
    else
        text = memory_strdup("exact counters");
    text_row(out, "memory", text);
    free(text);
}

static void text_heap(FILE *out, const struct profile *profile)
{
    struct heap_facts heap = heap_facts_of(profile);

    if (!heap.known)
        return;
    fprintf(out, "  %-20s ", "heap");
    if (heap.interval > 0)
        fprintf(out, "blocks sampled %s apart", units_bytes((int64_t)heap.interval).text);
    else
        fputs("every block", out);
    fprintf(out, ": %s, %s of them freed; %s events lost\n", units_exact((int64_t)heap.blocks).text,
            units_exact((int64_t)heap.freed).text, units_exact((int64_t)heap.lost).text);
    if (heap.segments_lost > 0)
        fprintf(out, INDENT "%s segments of events missing\n",
                units_exact((int64_t)heap.segments_lost).text);
}

static void text_hardware(FILE *out, const struct profile_process *process)
{
    const char *reason = process->counters_reason;
    char *text =
        process->counters != NULL
            ? memory_printf("instructions and cycles, %s", process->counters)
            : memory_printf("unavailable (%s)", reason != NULL ? reason : "not in the trace");

    text_row(out, "hardware counters", text);
    free(text);
}

static void text_servant(FILE *out, const struct profile *profile, const struct facts *facts)
{
    const char *where = profile_property(facts->root, "servant");
    uint64_t used_ns = servant_ns(profile);

    if (where == NULL || used_ns == 0 || facts->wall_ns == 0)
        return;
    char *text = memory_printf("%s, %s of one CPU", where,
                               units_percent((double)used_ns, (double)facts->wall_ns).text);
    text_row(out, "servant", text);
    free(text);
}

/* Frames of the kernel, where they were asked for. */
static void text_kernel(FILE *out, const struct profile_process *process)
{
    const char *frames = profile_property(process, "kernel_frames");
    const char *reason = profile_property(process, "kernel_frames_reason");

    if (frames == NULL || strcmp(frames, "off") == 0)
        return;
    char *text = reason != NULL ? memory_printf("unavailable (%s)", reason) : memory_strdup(frames);
    text_row(out, "kernel frames", text);
    free(text);
}

static void text_integrity(FILE *out, const struct profile *profile, const struct facts *facts)
{
    struct heap_facts heap = heap_facts_of(profile);
    bool all_blocks = heap.known && heap.interval == 0 && heap.blocks > 0;

    fprintf(out, "  %-20s %s", "size", units_bytes((int64_t)facts->bytes).text);
    if (all_blocks)
        fprintf(out, ", %.1f bytes per event of the heap",
                (double)facts->bytes / (heap.blocks + heap.freed));
    else if (facts->samples > 0)
        fprintf(out, ", %.1f bytes per sample", (double)facts->bytes / (double)facts->samples);
    fprintf(out, "\n  %-20s %" PRIu64 " sound, %" PRIu64 " damaged\n", "chunks", facts->chunks,
            facts->chunks_damaged);
    if (facts->chunks_damaged > 0)
        fprintf(out,
                INDENT "%" PRIu64 " records missing, and those of %" PRIu64
                       " chunks of unknown content\n",
                facts->records_missing, facts->chunks_untold);
    fprintf(out, "  %-20s %" PRIu64 "\n", "recovered records", facts->recovered_records);
}

/* An end that the program did not choose. */
static void text_death(FILE *out, const struct profile_process *process)
{
    const struct profile_death *death = end_text_word(process);

    if (!last_second_is_dead(process))
        return;
    char *how = end_text_signal(process);
    fprintf(out, "  %-20s %s %s\n", "", process->end == END_SIGNAL ? "killed" : "ended", how);
    free(how);
    if (death != NULL) {
        char *cause = end_text_cause(death);
        fprintf(out, "  %-20s %s\n", "", cause);
        free(cause);
    }
    if (process->death.oom != NULL) {
        char *oom = utf8_clean(process->death.oom);
        fprintf(out, "  %-20s for want of memory: %s\n", "", oom);
        free(oom);
    }
}

static void text_facts(FILE *out, const struct profile *profile, const struct facts *facts)
{
    uint64_t stacks = facts_stacks(facts);
    const char *what = facts->offcpu.stacks > 0 ? "stacks" : "samples";

    fprintf(out, "  %-20s %s wall, %s CPU\n", "time", units_duration((int64_t)facts->wall_ns).text,
            units_duration((int64_t)facts->cpu_ns).text);
    if (profile->kept != NULL)
        text_row(out, "kept", profile->kept);
    fprintf(out, "  %-20s %zu, %zu %s\n", "processes", facts->processes, profile->thread_count,
            profile->thread_count == 1 ? "thread" : "threads");
    if (facts->brief_children > 0)
        fprintf(out, "  %-20s %" PRIu64 " fork children that ended at once, %s CPU: no trace\n", "",
                facts->brief_children, units_duration((int64_t)facts->brief_ns).text);
    text_row(out, "exit", facts_end(facts->root).text);
    text_death(out, facts->root);
    text_clock(out, facts);
    (is_asked_part(profile) ? text_part : text_coverage)(out, profile, facts);
    text_memory(out, profile, facts);
    text_heap(out, profile);
    info_waits_text(out, profile);
    info_resources_text(out, profile);
    text_hardware(out, facts->root);
    text_kernel(out, facts->root);
    info_code_text(out, profile);
    text_servant(out, profile, facts);
    text_count(out, "samples", facts->samples, 0, NULL);
    text_count(out, "lost", facts->lost, facts->samples + facts->lost, "samples");
    info_losses_text(out, profile);
    text_count(out, "truncated", facts->truncated, stacks, what);
    text_count(out, "guessed", facts->guessed, stacks, what);
    text_count(out, "broken", facts->broken, stacks, what);
    info_unwinding_text(out, facts, profile);
    info_handler_text(out, &facts->handler);
    text_integrity(out, profile, facts);
}

static void text_processes(FILE *out, const struct profile *profile, size_t top)
{
    struct facts *processes = facts_of_processes(profile);

    size_t shown = profile->process_count < top ? profile->process_count : top;

    fprintf(out, "\n  %8s  %-16s %9s %9s  %-10s trace\n", "pid", "command", "CPU", "samples",
            "end");
    for (size_t i = 0; i < shown; i++) {
        const struct profile_process *process = processes[i].root;
        char *comm = utf8_clean(process->comm);
        fprintf(out, "  %8d  %-16s %9s %9" PRIu64 "  %-10s %s\n", process->pid, comm,
                units_duration((int64_t)processes[i].cpu_ns).text, processes[i].samples,
                facts_end(process).text, process->trace != NULL ? process->trace : "-");
        free(comm);
    }
    if (shown < profile->process_count)
        fprintf(out, "  and %zu more: --top %zu\n", profile->process_count - shown,
                profile->process_count);
    free(processes);
}

static void text_properties(FILE *out, const struct profile_process *process)
{
    fputs("\nThe trace says of itself\n", out);
    for (size_t i = 0; i < process->property_count; i++)
        text_row(out, process->properties[i].name, process->properties[i].value);
}

static void text_rings(FILE *out, const struct report_options *options)
{
    if (options->rings_left > 0)
        fprintf(
            out,
            "\nRing files of %zu killed process%s hold %s of memory: whoever reads %s recording%s, "
            "or records next, takes them in\n",
            options->rings_left, options->rings_left == 1 ? "" : "es",
            units_bytes((int64_t)options->rings_left_bytes).text,
            options->rings_left == 1 ? "its" : "their", options->rings_left == 1 ? "" : "s");
}

static void write_text(const struct profile *profile, const struct facts *facts, size_t top,
                       FILE *out)
{
    char *command = utf8_clean(facts->root != NULL ? facts->root->command : "empty recording");

    fprintf(out, "%s\n", command);
    free(command);
    if (facts->root == NULL)
        return;
    text_facts(out, profile, facts);
    if (profile->thread_count > 1 && profile->part == NULL)
        coverage_table(out, profile, THREAD_ROWS);
    if (profile->process_count > 1)
        text_processes(out, profile, top);
    else if (facts->root->property_count > 0)
        text_properties(out, facts->root);
    for (size_t i = 0; i < profile->message_count; i++) {
        char *message = utf8_clean(profile->messages[i]);
        fprintf(out, "%s%s\n", i == 0 ? "\nMessages\n  " : "  ", message);
        free(message);
    }
}

static int write_info(const struct profile *profile, const struct report_options *options,
                      FILE *out, struct problem *problem)
{
    struct facts facts;

    (void)problem;
    facts_init(&facts, profile);
    if (options->json)
        write_json(profile, &facts, options, out);
    else {
        write_text(profile, &facts, options->top > 0 ? options->top : DEFAULT_TOP, out);
        text_rings(out, options);
    }
    return 0;
}

const struct report report_info = {.name = "info", .write = write_info};
