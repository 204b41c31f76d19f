/*
 * `export --format speedscope`: for speedscope.app. Its own file as one output format.
 *
 * Each thread is a profile of its CPU time in order of time; then each metric is one of all
 * threads together, in no order of time. Weights are never negative there: metrics that may be are
 * left out.
 */
#include "analyzer/model/labels.h"
#include "analyzer/reports/export_metrics.h"
#include "analyzer/reports/facts.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/roots.h"
#include "analyzer/reports/thread_samples.h"
#include "analyzer/util/json.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

#define LINE_DEPTH 2 /* each profile begins a line */
#define NO_ROOT UINT32_MAX
#define TOP 0u /* the node above all outermost functions */

/* Stacks with equal labels are one: a line each would make neighbours different. */
struct node {
    uint32_t parent, label;
    uint32_t rank; /* in an order in which callees follow their callers */
};

/* What is added up: one stack below one root. */
struct sum {
    uint32_t root, rank, node;
    uint32_t entry;
};

struct writer {
    const struct profile *profile;
    struct json json;
    struct labels labels;
    struct node *nodes;
    size_t node_count, node_capacity;
    uint32_t *node_of; /* by stack */
    struct sum *order; /* all entries, by root, then by rank */
    uint32_t *path;
    size_t path_capacity;
};

static void merge_stacks(struct writer *writer)
{
    const struct profile *profile = writer->profile;
    struct key_table *table = key_table_new(2 * sizeof(uint32_t));

    writer->node_of = memory_alloc(profile->stack_count * sizeof(*writer->node_of));
    writer->nodes = memory_grow(NULL, 0, &writer->node_capacity, sizeof(*writer->nodes));
    writer->nodes[writer->node_count++] = (struct node){.parent = TOP};
    for (size_t i = STACK_NONE + 1; i < profile->stack_count; i++) {
        const struct stack_node *stack = &profile->stacks[i];
        const uint32_t key[2] = {writer->node_of[stack->parent],
                                 writer->labels.of_frame[stack->frame]};
        const uint32_t number = key_table_add(table, key, (uint32_t)writer->node_count);
        if (number == writer->node_count) {
            writer->nodes = memory_grow(writer->nodes, writer->node_count, &writer->node_capacity,
                                        sizeof(*writer->nodes));
            writer->nodes[writer->node_count++] = (struct node){.parent = key[0], .label = key[1]};
        }
        writer->node_of[i] = number;
    }
    key_table_free(table);
}

/* Parents have smaller numbers: sizes of the trees below come from the end, places from the
 * beginning. */
static void rank_nodes(struct writer *writer)
{
    struct node *nodes = writer->nodes;
    uint32_t *size = memory_alloc(writer->node_count * sizeof(*size));
    uint32_t *next = memory_alloc(writer->node_count * sizeof(*next));

    for (size_t i = writer->node_count; i-- > 0;) {
        size[i]++;
        if (i != TOP)
            size[nodes[i].parent] += size[i];
    }
    next[TOP] = 1;
    for (size_t i = TOP + 1; i < writer->node_count; i++) {
        nodes[i].rank = next[nodes[i].parent];
        next[nodes[i].parent] += size[i];
        next[i] = nodes[i].rank + 1;
    }
    free(size);
    free(next);
}

static int compare_sums(const void *a, const void *b)
{
    const struct sum *left = a, *right = b;

    if (left->root != right->root)
        return left->root < right->root ? -1 : 1;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return left->entry < right->entry ? -1 : left->entry > right->entry;
}

static void order_entries(struct writer *writer)
{
    const struct entries *entries = &writer->profile->entries;

    writer->order = memory_alloc((entries->count + 1) * sizeof(*writer->order));
    for (size_t i = 0; i < entries->count; i++) {
        const struct profile_place *place = &entries->places[i];
        const uint32_t node = writer->node_of[place->stack];
        writer->order[i] = (struct sum){.root = writer->labels.of_thread != NULL
                                                    ? writer->labels.of_thread[place->thread]
                                                    : NO_ROOT,
                                        .rank = writer->nodes[node].rank,
                                        .node = node,
                                        .entry = (uint32_t)i};
    }
    qsort(writer->order, entries->count, sizeof(*writer->order), compare_sums);
}

/* Functions, and the roots that tell processes apart. */
static void write_frames(struct writer *writer)
{
    struct json *json = &writer->json;

    json_object_begin(json, "shared");
    json_array_begin(json, "frames");
    for (size_t i = 0; i < writer->labels.count; i++) {
        const struct label *label = &writer->labels.items[i];
        json_object_begin(json, NULL);
        json_string(json, "name", label->name);
        if (label->file != NULL || label->module != NULL)
            json_text(json, "file", label->file != NULL ? label->file : label->module);
        if (label->file != NULL && label->line != 0)
            json_uint(json, "line", label->line);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_path(struct writer *writer, uint32_t root, uint32_t node)
{
    struct json *json = &writer->json;
    size_t depth = 0;

    for (; node != TOP; node = writer->nodes[node].parent) {
        writer->path =
            memory_grow(writer->path, depth, &writer->path_capacity, sizeof(*writer->path));
        writer->path[depth++] = writer->nodes[node].label;
    }
    json_array_begin(json, NULL);
    if (root != NO_ROOT)
        json_uint(json, NULL, root);
    while (depth > 0)
        json_uint(json, NULL, writer->path[--depth]);
    json_array_end(json);
}

/* `total` of its weights, which are written after it. */
static void begin_profile(struct writer *writer, const char *name, enum metric metric,
                          int64_t total)
{
    struct json *json = &writer->json;
    const enum metric_unit unit = metric_info(metric)->unit;

    json_object_begin(json, NULL);
    json_string(json, "type", "sampled");
    json_text(json, "name", name);
    json_string(json, "unit", unit == UNIT_COUNT ? "none" : export_metrics_unit(metric));
    json_int(json, "startValue", 0);
    json_int(json, "endValue", total);
    json_array_begin(json, "samples");
}

static void begin_weights(struct writer *writer)
{
    json_array_end(&writer->json);
    json_array_begin(&writer->json, "weights");
}

static void end_profile(struct writer *writer)
{
    json_array_end(&writer->json);
    json_object_end(&writer->json);
}

/* The next run of samples in one stack: how many, and their time. */
static size_t run_length(const struct writer *writer, const uint32_t *items, size_t left,
                         uint64_t *length_ns)
{
    const struct profile_sample *samples = writer->profile->samples.items;
    const uint32_t node = writer->node_of[samples[items[0]].place.stack];
    size_t count = 0;

    *length_ns = 0;
    while (count < left && writer->node_of[samples[items[count]].place.stack] == node)
        *length_ns = sum_unsigned(*length_ns, samples[items[count++]].length_ns);
    return count;
}

static void write_thread(struct writer *writer, uint32_t thread, const uint32_t *items,
                         size_t count)
{
    const struct profile_sample *samples = writer->profile->samples.items;
    char *name = thread_samples_name(writer->profile, thread);
    uint64_t length, total = 0;

    for (size_t i = 0; i < count; i++)
        total = sum_unsigned(total, samples[items[i]].length_ns);
    begin_profile(writer, name, METRIC_CPU, total < INT64_MAX ? (int64_t)total : INT64_MAX);
    for (size_t i = 0; i < count; i += run_length(writer, items + i, count - i, &length))
        write_path(writer, NO_ROOT, writer->node_of[samples[items[i]].place.stack]);
    begin_weights(writer);
    for (size_t i = 0; i < count;) {
        i += run_length(writer, items + i, count - i, &length);
        json_uint(&writer->json, NULL, length);
    }
    end_profile(writer);
    free(name);
}

static void write_threads(struct writer *writer)
{
    struct thread_samples threads;

    thread_samples_init(&threads, writer->profile);
    for (uint32_t i = 0; i < writer->profile->thread_count; i++)
        if (threads.first[i + 1] > threads.first[i])
            write_thread(writer, i, threads.items + threads.first[i],
                         threads.first[i + 1] - threads.first[i]);
    thread_samples_release(&threads);
}

/* The next entries of one stack below one root: how many, and their sum. */
static size_t sum_length(const struct writer *writer, size_t at, enum metric metric, int64_t *sum)
{
    const struct entries *entries = &writer->profile->entries;
    const struct sum *first = &writer->order[at];
    size_t count = 0;

    *sum = 0;
    while (at + count < entries->count && first[count].root == first->root &&
           first[count].rank == first->rank)
        *sum = sum_signed(*sum, entries_value(entries, first[count++].entry, metric));
    return count;
}

static void write_metric(struct writer *writer, enum metric metric)
{
    const size_t count = writer->profile->entries.count;
    const struct metric_info *info = metric_info(metric);
    char *name = memory_printf("%s (%s), all threads", info->title, info->label);
    int64_t sum;

    begin_profile(writer, name, metric, profile_total(writer->profile, metric));
    for (size_t i = 0, length; i < count; i += length) {
        length = sum_length(writer, i, metric, &sum);
        if (sum > 0)
            write_path(writer, writer->order[i].root, writer->order[i].node);
    }
    begin_weights(writer);
    for (size_t i = 0; i < count;) {
        i += sum_length(writer, i, metric, &sum);
        if (sum > 0)
            json_int(&writer->json, NULL, sum);
    }
    end_profile(writer);
    free(name);
}

/* The command's name without its arguments, which may be secrets. */
static void write_document(struct writer *writer)
{
    struct json *json = &writer->json;
    const struct export_metrics metrics = export_metrics_of(writer->profile, false);
    struct facts facts;

    facts_init(&facts, writer->profile);
    json_object_begin(json, NULL);
    json_string(json, "$schema", "https://www.speedscope.app/file-format-schema.json");
    json_string(json, "exporter", "profinject");
    json_text(json, "name", facts.root != NULL ? facts.root->comm : "empty recording");
    json_int(json, "activeProfileIndex", 0);
    write_frames(writer);
    json_array_begin(json, "profiles");
    write_threads(writer);
    for (size_t i = 0; i < metrics.count; i++)
        write_metric(writer, metrics.items[i]);
    json_array_end(json);
    json_object_end(json);
    json_finish(json);
}

static int write_speedscope(const struct profile *profile, const struct report_options *options,
                            FILE *out, struct problem *problem)
{
    struct writer writer = {.profile = profile};

    (void)problem;
    labels_init(&writer.labels, profile, LABEL_BY_FUNCTION, report_root(profile, options));
    merge_stacks(&writer);
    rank_nodes(&writer);
    order_entries(&writer);
    json_init(&writer.json, out, LINE_DEPTH);
    write_document(&writer);
    labels_release(&writer.labels);
    free(writer.nodes);
    free(writer.node_of);
    free(writer.order);
    free(writer.path);
    return 0;
}

const struct report report_speedscope = {
    .name = "speedscope", .over_time = true, .write = write_speedscope};
