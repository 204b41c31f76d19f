/*
 * `export --format callgrind`: for callgrind_annotate and KCachegrind. Its own file as one output
 * format.
 *
 * Inlined functions are functions, called from the line they are inlined at. Costs are never
 * negative there: metrics that may be are left out, and said to be.
 */
#include "analyzer/reports/cost_graph.h"
#include "analyzer/reports/facts.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/text_numbers.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN "???" /* as callgrind has it */

struct writer {
    FILE *out;
    const struct profile *profile;
    struct cost_graph graph;
    struct text_numbers files, modules;
    size_t files_told, modules_told;
    const char *file, *module; /* as last told for all that follows */
    bool *told;                /* functions whose names were written */
    uint32_t *spots;           /* by function, by file, by line */
    uint32_t *calls;           /* by spot, by callee */
    uint32_t *first;           /* of each spot's calls in `calls`; one more for the end */
};

/* "cfi=(3) path", or "cfi=(3)" when the path was told before. */
static void write_text(const struct writer *writer, struct text_numbers *texts, size_t *told,
                       const char *key, const char *text)
{
    const uint32_t number = text_numbers_of(texts, text != NULL ? text : UNKNOWN);

    fprintf(writer->out, "%s=(%" PRIu32 ")", key, number + 1);
    if (number >= *told) {
        fprintf(writer->out, " %s", texts->items[number]);
        *told = (size_t)number + 1;
    }
    fputc('\n', writer->out);
}

static void write_file(struct writer *writer, const char *key, const char *file)
{
    writer->file = file;
    write_text(writer, &writer->files, &writer->files_told, key, file);
}

static void write_module(struct writer *writer, const char *key, const char *module)
{
    writer->module = module;
    write_text(writer, &writer->modules, &writer->modules_told, key, module);
}

static void write_function(struct writer *writer, const char *key, uint32_t number)
{
    fprintf(writer->out, "%s=(%" PRIu32 ")", key, number + 1);
    if (!writer->told[number]) {
        char *name = utf8_clean(writer->graph.functions[number].name);
        fprintf(writer->out, " %s", name);
        writer->told[number] = true;
        free(name);
    }
    fputc('\n', writer->out);
}

/* All of them: the format lets zeros at the end go without saying, but callgrind_annotate then
 * complains of values that are not there. */
static void write_values(const struct writer *writer, const int64_t *values)
{
    for (size_t i = 0; i < writer->graph.metrics.count; i++)
        fprintf(writer->out, " %" PRId64, values[i]);
    fputc('\n', writer->out);
}

static void write_call(struct writer *writer, uint32_t number)
{
    const struct graph_call *call = &writer->graph.calls[number];
    const struct graph_function *callee = &writer->graph.functions[call->callee];

    /* callgrind_annotate shortens paths below its directory, but not in these lines: what is where its
     * caller is must not say so. */
    if (callee->module != writer->module)
        write_text(writer, &writer->modules, &writer->modules_told, "cob", callee->module);
    if (callee->file != writer->file)
        write_text(writer, &writer->files, &writer->files_told, "cfi", callee->file);
    write_function(writer, "cfn", call->callee);
    fprintf(writer->out, "calls=%" PRIu64 " %" PRIu32 "\n%" PRIu32, call->seen > 0 ? call->seen : 1,
            callee->line, writer->graph.spots[call->spot].line);
    write_values(writer, writer->graph.called + number * writer->graph.metrics.count);
}

static void write_spot(struct writer *writer, uint32_t number)
{
    const struct graph_spot *spot = &writer->graph.spots[number];

    fprintf(writer->out, "%" PRIu32, spot->line);
    write_values(writer, writer->graph.self + number * writer->graph.metrics.count);
    for (uint32_t i = writer->first[number]; i < writer->first[number + 1]; i++)
        write_call(writer, writer->calls[i]);
}

static int compare_texts(const char *a, const char *b)
{
    return a == b ? 0 : a == NULL ? -1 : b == NULL ? 1 : strcmp(a, b);
}

static int compare_spots(const void *a, const void *b, void *context)
{
    const struct cost_graph *graph = context;
    const struct graph_spot *left = &graph->spots[*(const uint32_t *)a];
    const struct graph_spot *right = &graph->spots[*(const uint32_t *)b];

    if (left->function != right->function)
        return left->function < right->function ? -1 : 1;
    const char *own = graph->functions[left->function].file;
    if (left->file != right->file && (left->file == own || right->file == own))
        return left->file == own ? -1 : 1;
    const int files = compare_texts(left->file, right->file);
    if (files != 0)
        return files;
    return left->line < right->line ? -1 : left->line > right->line;
}

static int compare_calls(const void *a, const void *b, void *context)
{
    const struct cost_graph *graph = context;
    const struct graph_call *left = &graph->calls[*(const uint32_t *)a];
    const struct graph_call *right = &graph->calls[*(const uint32_t *)b];

    if (left->spot != right->spot)
        return left->spot < right->spot ? -1 : 1;
    return left->callee < right->callee ? -1 : left->callee > right->callee;
}

static uint32_t *numbers_sorted(size_t count, int (*compare)(const void *, const void *, void *),
                                struct cost_graph *graph)
{
    uint32_t *numbers = memory_alloc((count + 1) * sizeof(*numbers));

    for (size_t i = 0; i < count; i++)
        numbers[i] = (uint32_t)i;
    qsort_r(numbers, count, sizeof(*numbers), compare, graph);
    return numbers;
}

static void sort(struct writer *writer)
{
    struct cost_graph *graph = &writer->graph;
    uint32_t at = 0;

    writer->spots = numbers_sorted(graph->spot_count, compare_spots, graph);
    writer->calls = numbers_sorted(graph->call_count, compare_calls, graph);
    writer->first = memory_alloc((graph->spot_count + 1) * sizeof(*writer->first));
    for (uint32_t spot = 0; spot <= graph->spot_count; spot++) {
        while (at < graph->call_count && graph->calls[writer->calls[at]].spot < spot)
            at++;
        writer->first[spot] = at;
    }
}

/* Names of events: letters, digits and '_'. */
static void write_event(const struct writer *writer, enum metric metric)
{
    for (const char *c = metric_info(metric)->name; *c != '\0'; c++)
        fputc(*c == '-' ? '_' : *c, writer->out);
}

static void write_description(const struct writer *writer, const char *text)
{
    char *clean = utf8_clean(text);

    fprintf(writer->out, "desc: %s\n", clean);
    free(clean);
}

static void write_header(const struct writer *writer)
{
    FILE *out = writer->out;
    const struct export_metrics *metrics = &writer->graph.metrics;
    struct facts facts;

    facts_init(&facts, writer->profile);
    fputs("# callgrind format\nversion: 1\ncreator: profinject\n", out);
    if (facts.root != NULL) {
        char *comm = utf8_clean(facts.root->comm);
        fprintf(out, "pid: %d\ncmd: %s\n", facts.root->pid, comm);
        free(comm);
    }
    fputs("desc: Calls: stacks in which one was seen, at least 1\n", out);
    if (profile_has_metric(writer->profile, METRIC_MEMORY_DELTA))
        fputs("desc: memory-delta: left out, it may be negative\n", out);
    if (writer->profile->part != NULL)
        write_description(writer, writer->profile->part);
    for (size_t i = 0; i < writer->profile->message_count; i++)
        write_description(writer, writer->profile->messages[i]);
    fputs("positions: line\n", out);
    for (size_t i = 0; i < metrics->count; i++) {
        const struct metric_info *info = metric_info(metrics->items[i]);
        fputs("event: ", out);
        write_event(writer, metrics->items[i]);
        fprintf(out, " : %s, %s (%s)\n", info->title, export_metrics_unit(metrics->items[i]),
                info->label);
    }
    fputs("events:", out);
    for (size_t i = 0; i < metrics->count; i++) {
        fputc(' ', out);
        write_event(writer, metrics->items[i]);
    }
    fputs("\nsummary:", out);
    write_values(writer, writer->graph.total);
}

/* Filters leave frames without anything. */
static bool is_empty(const struct writer *writer, uint32_t spot)
{
    const size_t width = writer->graph.metrics.count;

    for (size_t i = 0; i < width; i++)
        if (writer->graph.self[spot * width + i] != 0)
            return false;
    return writer->first[spot] == writer->first[spot + 1];
}

static void write_functions(struct writer *writer)
{
    const struct cost_graph *graph = &writer->graph;
    const struct graph_spot *before = NULL;

    for (size_t i = 0; i < graph->spot_count; i++) {
        const struct graph_spot *spot = &graph->spots[writer->spots[i]];
        const struct graph_function *function = &graph->functions[spot->function];
        if (is_empty(writer, writer->spots[i]))
            continue;
        if (before == NULL || before->function != spot->function) {
            fputc('\n', writer->out);
            write_module(writer, "ob", function->module);
            write_file(writer, "fl", function->file);
            write_function(writer, "fn", spot->function);
            if (spot->file != function->file)
                write_file(writer, "fi", spot->file);
        } else if (before->file != spot->file) {
            write_file(writer, spot->file == function->file ? "fe" : "fi", spot->file);
        }
        write_spot(writer, writer->spots[i]);
        before = spot;
    }
}

static int write_callgrind(const struct profile *profile, const struct report_options *options,
                           FILE *out, struct problem *problem)
{
    struct writer writer = {.out = out, .profile = profile};

    (void)options;
    (void)problem;
    cost_graph_init(&writer.graph, profile);
    writer.told = memory_alloc(writer.graph.function_count);
    text_numbers_init(&writer.files);
    text_numbers_init(&writer.modules);
    sort(&writer);
    write_header(&writer);
    write_functions(&writer);
    fputs("\ntotals:", out);
    write_values(&writer, writer.graph.total);
    text_numbers_release(&writer.files);
    text_numbers_release(&writer.modules);
    free(writer.told);
    free(writer.spots);
    free(writer.calls);
    free(writer.first);
    cost_graph_release(&writer.graph);
    return 0;
}

const struct report report_callgrind = {
    .name = "callgrind", .all_metrics = true, .write = write_callgrind};
