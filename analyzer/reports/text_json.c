/*
 * The machine form of `report`. Its own file as one output format; see the header
 * for what it holds.
 */
#include "analyzer/reports/text_json.h"

#include "analyzer/reports/program_json.h"

#include "analyzer/model/hot_paths.h"
#include "analyzer/reports/end_json.h"
#include "analyzer/reports/facts_json.h"
#include "analyzer/reports/heap_json.h"
#include "analyzer/reports/judgement_json.h"
#include "analyzer/reports/resident_json.h"
#include "analyzer/reports/resources_json.h"
#include "analyzer/reports/views_json.h"
#include "analyzer/reports/waits_json.h"

#include <stdlib.h>

#define LINE_DEPTH 2

static void write_run(struct json *json, const struct text_report *report)
{
    const struct facts *facts = &report->facts;
    const struct profile_process *root = facts->root;

    json_object_begin(json, "run");
    json_string(json, "command", root != NULL ? root->command : NULL);
    facts_json_counts(json, facts);
    json_uint(json, "processes", facts->processes);
    json_uint(json, "brief_children", facts->brief_children);
    json_uint(json, "threads", facts->threads);
    facts_json_clock(json, facts);
    json_string(json, "exit", root != NULL ? facts_end(root).text : NULL);
    json_object_end(json);
}

static void write_heap(struct json *json, const struct text_report *report)
{
    const struct facts *facts = &report->facts;

    if (facts->memory_processes > 0) {
        facts_json_memory(json, "heap", &facts->memory);
        return;
    }
    json_null(json, "heap");
    json_string(json, "heap_unavailable",
                facts->root != NULL ? facts_memory_reason(facts->root) : "empty recording");
}

static void write_function(struct json *json, const struct text_report *report, uint32_t number)
{
    const struct function *function = &report->functions.items[number];
    const struct label *label = &report->functions.labels.items[function->label];

    json_object_begin(json, NULL);
    json_string(json, "function", label->name);
    facts_json_place(json, label->file, label->line, label->module);
    json_int(json, "self_cpu_ns", function->self[METRIC_CPU]);
    json_int(json, "total_cpu_ns", function->total[METRIC_CPU]);
    json_int(json, "self", function->self[report->options->metric]);
    json_int(json, "total", function->total[report->options->metric]);
    json_int(json, "self_samples", function->self[METRIC_SAMPLES]);
    json_int(json, "total_samples", function->total[METRIC_SAMPLES]);
    if (report->facts.memory_processes > 0)
        facts_json_memory(json, "memory_charged", &function->memory);
    json_object_end(json);
}

static void write_functions(struct json *json, const struct text_report *report)
{
    size_t count;
    uint32_t *order = text_rank_self(&report->functions, report->options->metric, &count);

    json_array_begin(json, "functions");
    for (size_t i = 0; i < count && i < report->top; i++)
        write_function(json, report, order[i]);
    json_array_end(json);
    free(order);
}

static void write_hot_paths(struct json *json, const struct text_report *report)
{
    const struct labels *labels = &report->functions.labels;
    struct call_tree tree;
    struct hot_paths paths;
    size_t count;

    call_tree_init(&tree, report->profile, labels, report->options->metric, false);
    hot_paths_init(&paths, &tree, TEXT_HOT_PATHS);
    json_array_begin(json, "hot_paths");
    for (size_t i = 0; i < paths.count; i++) {
        uint32_t *nodes = hot_paths_nodes(&tree, CALL_TREE_ROOT, paths.leaves[i], &count);
        json_object_begin(json, NULL);
        json_int(json, "value", tree.nodes[paths.leaves[i]].self);
        if (report->options->metric == METRIC_CPU)
            json_int(json, "cpu_ns", tree.nodes[paths.leaves[i]].self);
        json_array_begin(json, "frames");
        for (size_t j = 0; j < count; j++)
            json_string(json, NULL, labels->items[tree.nodes[nodes[j]].label].name);
        json_array_end(json);
        json_object_end(json);
        free(nodes);
    }
    json_array_end(json);
    hot_paths_release(&paths);
    call_tree_release(&tree);
}

static void write_threads(struct json *json, const struct profile *profile)
{
    json_array_begin(json, "threads");
    for (size_t i = 0; i < profile->thread_count; i++) {
        const struct profile_thread *thread = &profile->threads[i];
        const struct profile_process *process = &profile->processes[thread->process];
        json_object_begin(json, NULL);
        json_int(json, "pid", process->pid);
        json_int(json, "tid", thread->tid);
        json_string(json, "name", thread->name);
        json_uint(json, "cpu_ns", thread->cpu_ns);
        json_uint(json, "samples", thread->samples);
        json_uint(json, "lost", thread->lost);
        if (process->has_memory && !thread->foreign)
            facts_json_memory(json, "memory", &thread->memory);
        else
            json_null(json, "memory");
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_processes(struct json *json, const struct profile *profile)
{
    struct facts *facts = facts_of_processes(profile);

    json_array_begin(json, "processes");
    for (size_t i = 0; i < profile->process_count; i++) {
        json_object_begin(json, NULL);
        json_int(json, "pid", facts[i].root->pid);
        json_int(json, "ppid", facts[i].root->ppid);
        json_string(json, "comm", facts[i].root->comm);
        json_string(json, "command", facts[i].root->command);
        json_uint(json, "start_monotonic_ns", facts[i].root->start_ns);
        json_uint(json, "cpu_ns", facts[i].cpu_ns);
        json_uint(json, "wall_ns", facts[i].wall_ns);
        json_uint(json, "threads", facts[i].threads);
        json_uint(json, "samples", facts[i].samples);
        json_string(json, "exit", facts_end(facts[i].root).text);
        json_object_end(json);
    }
    json_array_end(json);
    free(facts);
}

void text_json(const struct text_report *report)
{
    struct json json;

    json_init(&json, report->cells.out, LINE_DEPTH);
    json_object_begin(&json, NULL);
    json_string(&json, "schema", "profinject-report-1");
    write_run(&json, report);
    end_json(&json, report->profile, &report->functions.labels);
    write_heap(&json, report);
    heap_json(&json, report);
    resident_json(&json, report);
    waits_json(&json, report);
    json_string(&json, "metric", metric_info(report->options->metric)->name);
    judgement_json(&json, report->profile, report->options->judgement);
    recommendations_json(&json, report);
    views_json(&json, report);
    write_functions(&json, report);
    write_hot_paths(&json, report);
    write_threads(&json, report->profile);
    write_processes(&json, report->profile);
    program_json(&json, report->profile);
    resources_json(&json, report->profile);
    json_array_begin(&json, "messages");
    for (size_t i = 0; i < report->profile->message_count; i++)
        json_string(&json, NULL, report->profile->messages[i]);
    json_array_end(&json);
    json_object_end(&json);
    json_finish(&json);
}
