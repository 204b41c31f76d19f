/*
 * `report`: the first screen, and what `--all` adds. Its own file as one output;
 * it decides what is shown in which order, the sections write themselves.
 */
#include "analyzer/reports/coverage_text.h"
#include "analyzer/reports/leaks_report.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/roots.h"
#include "analyzer/reports/text_json.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/reports/views_json.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TOP 15
#define COLUMNS_LEAST 80 /* the tables need them */
#define GAP "   "
#define COMMAND_LEAST 24 /* columns a command gets however long the facts are */

static char *run_text(const struct text_report *report)
{
    const struct facts *facts = &report->facts;
    size_t processes = facts->processes;

    return memory_printf("%s wall, %s CPU, %zu %s, %zu %s",
                         units_duration((int64_t)facts->wall_ns).text,
                         units_duration((int64_t)facts->cpu_ns).text, processes,
                         processes == 1 ? "process" : "processes", facts->threads,
                         facts->threads == 1 ? "thread" : "threads");
}

/* What was asked of the clock and what it gave. */
static char *clock_text(const struct facts *facts)
{
    const struct profile_process *root = facts->root;

    if (facts->frequency_delivered <= 0)
        return memory_printf("%" PRIu64 " Hz asked, nothing sampled", root->frequency_asked);
    return memory_printf("%" PRIu64 " Hz asked, %.0f signals/s x %.3g", root->frequency_asked,
                         facts->frequency_delivered, facts->weight);
}

static char *loss_text(const struct facts *facts)
{
    uint64_t all = facts->samples + facts->lost;
    char *lost = facts->lost == 0
                     ? memory_strdup("0 lost")
                     : memory_printf("%" PRIu64 " lost (%s)", facts->lost,
                                     units_percent((double)facts->lost, (double)all).text);
    if (facts_stacks(facts) == 0)
        return lost;
    char *text =
        memory_printf("%s, %s truncated, %s guessed", lost,
                      units_percent((double)facts->truncated, (double)facts_stacks(facts)).text,
                      units_percent((double)facts->guessed, (double)facts_stacks(facts)).text);

    free(lost);
    return text;
}

/* The header: in one line where the terminal is wide enough, else in two. */
static void write_header(const struct text_report *report)
{
    const struct cells *cells = &report->cells;
    char *run = run_text(report);
    char *clock = clock_text(&report->facts);
    char *loss = loss_text(&report->facts);
    const char *command = report->facts.root->command;
    size_t gap = utf8_length(GAP);
    size_t facts_width = utf8_length(run) + utf8_length(clock) + utf8_length(loss) + 3 * gap;
    bool one_line = facts_width + COMMAND_LEAST <= cells->columns;
    size_t beside = one_line ? facts_width : utf8_length(run) + gap;
    size_t room = cells->columns > beside + COMMAND_LEAST ? cells->columns - beside : COMMAND_LEAST;
    char *shown = cells_elide(command, room);

    cells_text(cells, shown, (int)utf8_length(shown), CELL_BOLD);
    fprintf(cells->out, "%s%s%s%s%s%s\n", GAP, run, one_line ? GAP : "\n", clock, GAP, loss);
    free(shown);
    free(loss);
    free(clock);
    free(run);
}

/* Only some of the recording was asked for: what is of it, and what is not. */
static void write_part(const struct text_report *report)
{
    const struct cells *cells = &report->cells;
    int64_t cpu = profile_total(report->profile, METRIC_CPU);

    char *text =
        memory_printf("%s: %s of CPU time sampled; clocks and counters are of the whole run",
                      report->profile->part, units_duration(cpu).text);

    cells_text(cells, "Part", 6, CELL_BOLD);
    cells_wrap(cells, text, 6, 6, CELL_PLAIN);
    free(text);
}

/* How much of the threads' CPU time is in the profile. */
static void write_coverage(const struct text_report *report)
{
    const struct cells *cells = &report->cells;
    char *text;

    if (report->profile->part != NULL) {
        write_part(report);
        return;
    }
    bool unknown = facts_never_resumed(report->profile, &report->facts) &&
                   report->facts.coverage.measured_ns + report->facts.coverage.paused_ns == 0;
    text = unknown ? memory_strdup("unknown: sampling was paused all the time")
                   : coverage_text(&report->facts.coverage);
    cells_text(cells, "CPU", 6, CELL_BOLD);
    fprintf(cells->out, "%s\n", text);
    coverage_warn(cells->out, report->profile, "      ", cells->columns);
    free(text);
}

static void write_first_screen(const struct text_report *report)
{
    if (report->facts.root == NULL) {
        fputs("empty recording\n", report->cells.out);
        return;
    }
    write_header(report);
    text_end(report);
    write_coverage(report);
    text_wall(report);
    text_heap(report);
    text_resident(report);
    text_functions(report);
}

static void write_rest(const struct text_report *report)
{
    text_limits(report);
    text_hot_paths(report);
    text_heap_functions(report);
    text_heap_growth(report);
    text_heap_chains(report);
    text_heap_time(report);
    text_heap_classes(report);
    text_memory(report);
    text_mapped(report);
    text_resident_looks(report);
    text_waits(report);
    text_locks(report);
    text_io(report);
    text_wakers(report);
    text_threads(report);
    text_scheduling(report);
    text_processes(report);
    text_regions(report);
    text_counters(report);
    text_resources(report);
    text_throttled(report);
    text_relations(report);
    text_run_facts(report);
    text_messages(report);
}

/* One screen about something that was asked for by name. */
static void write_named(const struct text_report *report)
{
    const struct report_options *options = report->options;

    if (options->function != NULL)
        text_function(report);
    if (options->function != NULL && options->source != NULL)
        fputc('\n', report->cells.out);
    if (options->source != NULL)
        text_source(report);
}

static int write_report(const struct profile *profile, const struct report_options *options,
                        FILE *out, struct problem *problem)
{
    unsigned columns = options->columns > COLUMNS_LEAST ? options->columns : COLUMNS_LEAST;
    struct text_report report = {
        .cells = {.out = out,
                  .color = options->color,
                  .blocks = options->blocks,
                  .columns = columns},
        .profile = profile,
        .options = options,
        .top = options->top,
    };
    int status = report_check_metric(profile, options->metric, problem);

    if (status != 0)
        return status;

    if (options->leaks)
        return leaks_report_write(profile, options, out, problem);
    if (report.top == 0)
        report.top = options->json ? SIZE_MAX : DEFAULT_TOP;
    facts_init(&report.facts, profile);
    functions_init(&report.functions, profile);
    status = views_json_check(&report, problem);
    if (status == 0 && options->json) {
        text_json(&report);
    } else if (status == 0 && (options->function != NULL || options->source != NULL)) {
        write_named(&report);
    } else if (status == 0) {
        write_first_screen(&report);
        if (options->all)
            write_rest(&report);
    }
    functions_release(&report.functions);
    return status;
}

const struct report report_text = {
    .name = "report", .advises = true, .relates = true, .judges = true, .write = write_report};
