/*
 * The leak report for machines. Its own file as one output format.
 */
#include "analyzer/reports/facts_json.h"
#include "analyzer/reports/heap_json.h"
#include "analyzer/reports/leaks_report.h"
#include "analyzer/util/json.h"

#include <stdlib.h>

#define LINE_DEPTH 2

static void write_amount(struct json *json, const struct leaks_report *report,
                         const struct heap_amount *amount)
{
    heap_json_bytes(json, "bytes", &amount->bytes, report->interval);
    heap_json_count(json, "blocks", &amount->count, report->interval);
}

static uint64_t after_start(const struct leaks_report *report, uint64_t time_ns)
{
    return time_ns > report->start_ns ? time_ns - report->start_ns : 0;
}

static void write_group(struct json *json, const struct leaks_report *report,
                        const struct leak_group *group)
{
    const struct profile_thread *thread = &report->profile->threads[group->thread];
    const struct suppressions *suppressions = report->options->suppressions;

    json_object_begin(json, NULL);
    json_string(json, "kind", leaks_report_kind(group->kind));
    write_amount(json, report, &group->amount);
    json_uint(json, "first_after_ns", after_start(report, group->first_ns));
    json_uint(json, "last_after_ns", after_start(report, group->last_ns));
    json_uint(json, "processes", group->processes);
    json_uint(json, "threads", group->threads);
    json_int(json, "tid", thread->tid);
    json_string(json, "thread", thread->name);
    json_int(json, "pid", report->profile->processes[thread->process].pid);
    json_string(json, "suppressed_by",
                group->rule != SUPPRESSION_NONE ? suppressions->rules[group->rule].pattern : NULL);
    facts_json_stack(json, "frames", report->profile, group->stack);
    json_object_end(json);
}

static void write_scan(struct json *json, const struct profile_leak_scan *scan)
{
    if (!scan->done) {
        json_null(json, "scan");
        return;
    }
    json_object_begin(json, "scan");
    json_bool(json, "complete", scan->complete);
    json_uint(json, "bytes", scan->bytes);
    json_uint(json, "left_bytes", scan->left_bytes);
    json_uint(json, "threads", scan->threads);
    json_uint(json, "left_threads", scan->left_threads);
    json_uint(json, "length_ns", scan->length_ns);
    json_object_end(json);
}

static void write_totals(struct json *json, const struct leaks_report *report)
{
    /* Of a sample, none is also a figure with an interval. */
    int always = report->scan.done ? LEAK_DIRECT : LEAK_UNKNOWN;

    json_object_begin(json, "totals");
    for (int kind = 0; kind < LEAK_KINDS; kind++) {
        if (report->leaks.stacks[kind] == 0 && (report->interval == 0 || kind != always))
            continue;
        json_object_begin(json, leaks_report_kind((enum leak_kind)kind));
        json_uint(json, "stacks", report->leaks.stacks[kind]);
        write_amount(json, report, &report->leaks.total[kind]);
        json_object_end(json);
    }
    json_object_end(json);
}

static void write_suppressed(struct json *json, const struct leaks_report *report)
{
    const struct suppressions *suppressions = report->options->suppressions;

    json_array_begin(json, "suppressed");
    for (size_t i = 0; suppressions != NULL && i < suppressions->count; i++) {
        const struct leak_suppressed *one = &report->leaks.suppressed[i];
        json_object_begin(json, NULL);
        json_string(json, "pattern", suppressions->rules[i].pattern);
        json_uint(json, "line", suppressions->rules[i].line);
        json_uint(json, "stacks", one->groups);
        write_amount(json, report, &one->amount);
        json_object_end(json);
    }
    json_array_end(json);
}

void leaks_json_write(const struct leaks_report *report)
{
    const struct leaks *leaks = &report->leaks;
    size_t top = report->options->top > 0 ? report->options->top : SIZE_MAX;
    struct json json;

    json_init(&json, report->out, LINE_DEPTH);
    json_object_begin(&json, NULL);
    json_string(&json, "schema", "profinject-leaks-1");
    json_uint(&json, "interval_bytes", report->interval);
    write_scan(&json, &report->scan);
    write_totals(&json, report);
    json_array_begin(&json, "leaks");
    for (size_t i = 0; i < leaks->count && i < top; i++)
        write_group(&json, report, &leaks->groups[i]);
    json_array_end(&json);
    write_suppressed(&json, report);
    json_object_end(&json);
    json_finish(&json);
}
