/*
 * The machine form of --function and --source, and of recommendations. Its own file beside
 * text_json.c, which is about the whole run.
 */
#include "analyzer/reports/views_json.h"

#include "analyzer/model/neighbours.h"
#include "analyzer/model/recommendation.h"
#include "analyzer/model/source_choice.h"
#include "analyzer/model/source_lines.h"
#include "analyzer/model/wait_rows.h"
#include "analyzer/reports/facts_json.h"
#include "analyzer/reports/source_text.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_COLUMNS 400 /* of a line: the rest of a longer one is data */

static const struct label *label_at(const struct text_report *report, uint32_t number)
{
    return &report->functions.labels.items[number];
}

static void put_label(struct json *json, const struct label *label)
{
    json_string(json, "function", label != NULL ? label->name : NULL);
    facts_json_place(json, label != NULL ? label->file : NULL, label != NULL ? label->line : 0,
                     label != NULL ? label->module : NULL);
}

/* Functions a pattern may mean. */
static void put_candidates(struct json *json, const struct text_report *report,
                           const struct function_match *match)
{
    enum metric metric = report->options->metric;

    json_array_begin(json, "candidates");
    for (size_t i = 0; i < match->count; i++) {
        const struct function *function = &report->functions.items[match->found[i]];
        json_object_begin(json, NULL);
        put_label(json, label_at(report, match->found[i]));
        json_int(json, "self", function->self[metric]);
        json_int(json, "total", function->total[metric]);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_neighbours(struct json *json, const struct text_report *report, const char *key,
                           const struct neighbour *items, size_t count)
{
    json_array_begin(json, key);
    for (size_t i = 0; i < count; i++) {
        bool is_none = items[i].label == NEIGHBOUR_NONE;
        json_object_begin(json, NULL);
        put_label(json, is_none ? NULL : label_at(report, items[i].label));
        json_int(json, "value", items[i].value);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_threads(struct json *json, const struct text_report *report,
                        const struct neighbours *sums)
{
    json_array_begin(json, "threads");
    for (size_t i = 0; i < report->profile->thread_count; i++) {
        const struct profile_thread *thread = &report->profile->threads[i];
        if (sums->threads[i] == 0)
            continue;
        json_object_begin(json, NULL);
        json_int(json, "pid", report->profile->processes[thread->process].pid);
        json_int(json, "tid", thread->tid);
        json_string(json, "name", thread->name);
        json_int(json, "value", sums->threads[i]);
        json_object_end(json);
    }
    json_array_end(json);
}

static bool is_in_it(const struct profile_wait *wait, const void *context)
{
    const struct neighbours *sums = context;

    return sums->is_inside[wait->stack];
}

static void put_waits(struct json *json, const struct text_report *report,
                      const struct neighbours *sums)
{
    struct wait_rows rows;

    if (!profile_has_metric(report->profile, METRIC_LOCK_WAIT)) {
        json_null(json, "waits");
        return;
    }
    wait_rows_init(&rows, report->profile, WAIT_BY_KIND, is_in_it, sums);
    json_array_begin(json, "waits");
    for (size_t i = 0; i < rows.count; i++) {
        json_object_begin(json, NULL);
        json_string(json, "kind", wait_kind_name(rows.rows[i].one->kind));
        json_uint(json, "count", rows.rows[i].sums.count + rows.rows[i].sums.open);
        json_uint(json, "blocked_ns", rows.rows[i].sums.blocked_ns);
        json_uint(json, "total_ns", rows.rows[i].sums.total_ns);
        json_object_end(json);
    }
    json_array_end(json);
    wait_rows_release(&rows);
}

/* Every metric the recording holds, of stacks with the function. */
static void put_totals(struct json *json, const struct text_report *report,
                       const struct function_match *match, const struct neighbours *sums)
{
    const struct profile *profile = report->profile;
    const struct labels *labels = &report->functions.labels;

    json_object_begin(json, "metrics");
    for (int m = 0; m < METRIC_COUNT; m++) {
        int64_t self = 0, total = 0;
        if (!profile_has_metric(profile, (enum metric)m))
            continue;
        for (size_t i = 0; i < profile->entries.count; i++) {
            uint32_t stack = profile->entries.places[i].stack;
            int64_t value = entries_value(&profile->entries, i, (enum metric)m);
            if (!sums->is_inside[stack])
                continue;
            total = sum_signed(total, value);
            if (match->is_in[labels->of_frame[profile->stacks[stack].frame]])
                self = sum_signed(self, value);
        }
        json_object_begin(json, metric_info((enum metric)m)->name);
        json_int(json, "self", self);
        json_int(json, "total", total);
        json_object_end(json);
    }
    json_object_end(json);
}

static void put_lines(struct json *json, const struct text_report *report,
                      const struct source_lines *lines)
{
    const struct profile_process *root = report->facts.root;
    struct source_text text = {.path = NULL};
    const char *open = NULL;

    json_array_begin(json, "lines");
    for (size_t i = 0; i < lines->count; i++) {
        const struct source_line *line = &lines->items[i];
        if (line->file != open) {
            source_text_release(&text);
            source_text_init(&text, line->file, report->options->source_dir,
                             root != NULL ? root->start_realtime_ns : 0);
            open = line->file;
        }
        char *shown = source_text_line(&text, line->line, TEXT_COLUMNS);
        json_object_begin(json, NULL);
        json_string(json, "file", line->file);
        json_uint(json, "line", line->line);
        json_int(json, "self", line->self);
        json_int(json, "total", line->total);
        json_string(json, "text", shown);
        json_object_end(json);
        free(shown);
    }
    json_array_end(json);
    source_text_release(&text);
    json_array_begin(json, "inlined");
    for (size_t i = 0; i < lines->inlined_count; i++) {
        const struct inlined_call *call = &lines->inlined[i];
        json_object_begin(json, NULL);
        json_string(json, "function", call->function);
        json_string(json, "called_file", call->file);
        if (call->line > 0)
            json_uint(json, "called_line", call->line);
        else
            json_null(json, "called_line");
        json_int(json, "total", call->total);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_function_lines(struct json *json, const struct text_report *report,
                               const struct function_match *match)
{
    const struct profile *profile = report->profile;
    bool *is_wanted = memory_alloc(profile->frame_count + 1);
    struct source_lines lines;

    for (size_t i = 0; i < profile->frame_count; i++)
        is_wanted[i] = match->is_in[report->functions.labels.of_frame[i]];
    source_lines_init(&lines, profile, is_wanted, report->options->metric);
    put_lines(json, report, &lines);
    source_lines_release(&lines);
    free(is_wanted);
}

static void put_function(struct json *json, const struct text_report *report)
{
    struct function_match match;
    struct neighbours sums;

    function_match_init(&match, &report->functions.labels, report->options->function);
    json_object_begin(json, "function");
    json_string(json, "pattern", report->options->function);
    put_candidates(json, report, &match);
    if (match.count == 1) {
        neighbours_init(&sums, report->profile, &report->functions.labels, match.is_in,
                        report->options->metric);
        json_int(json, "self", sums.self);
        json_int(json, "total", sums.total);
        json_int(json, "recursive", sums.recursive);
        json_uint(json, "deepest", sums.deepest);
        put_neighbours(json, report, "callers", sums.callers, sums.caller_count);
        put_neighbours(json, report, "callees", sums.callees, sums.callee_count);
        put_threads(json, report, &sums);
        put_waits(json, report, &sums);
        put_totals(json, report, &match, &sums);
        put_function_lines(json, report, &match);
        neighbours_release(&sums);
    }
    json_object_end(json);
    function_match_release(&match);
}

static void put_source(struct json *json, const struct text_report *report)
{
    struct source_choice choice;
    struct source_lines lines;

    source_choice_init(&choice, report->profile, &report->functions.labels,
                       report->options->source);
    json_object_begin(json, "source");
    json_string(json, "pattern", report->options->source);
    if (!choice.is_file)
        put_candidates(json, report, &choice.match);
    json_array_begin(json, "files");
    for (size_t i = 0; i < choice.file_count; i++)
        json_string(json, NULL, choice.files[i]);
    json_array_end(json);
    if (source_choice_is_clear(&choice)) {
        source_lines_init(&lines, report->profile, choice.is_wanted, report->options->metric);
        put_lines(json, report, &lines);
        source_lines_release(&lines);
    }
    json_object_end(json);
    source_choice_release(&choice);
}

int views_json_check(const struct text_report *report, struct problem *problem)
{
    int status = 0;

    if (report->options->function != NULL)
        status = text_function_check(report, problem);
    if (status == 0 && report->options->source != NULL)
        status = text_source_check(report, problem);
    return status;
}

void views_json(struct json *json, const struct text_report *report)
{
    if (report->options->function != NULL)
        put_function(json, report);
    if (report->options->source != NULL)
        put_source(json, report);
}

void recommendations_json(struct json *json, const struct text_report *report)
{
    const struct recommendations *all = report->options->recommendations;

    if (all == NULL) {
        json_null(json, "recommendations");
        return;
    }
    json_array_begin(json, "recommendations");
    for (size_t i = 0; i < all->count; i++) {
        json_object_begin(json, NULL);
        json_string(json, "rule", all->items[i].rule);
        json_string(json, "finding", all->items[i].finding);
        json_string(json, "advice", all->items[i].advice);
        json_double(json, "share", all->items[i].share);
        facts_json_stack(json, "frames", report->profile, all->items[i].stack);
        json_object_end(json);
    }
    json_array_end(json);
}
