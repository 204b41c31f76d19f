/*
 * `export --format json`: everything a profile holds, for other programs. Its
 * own file as one output format, described by profinject-1.schema.json.
 *
 * Arguments of commands may be secrets: exports leave them out, `command` is null.
 */
#include "analyzer/reports/facts_json.h"
#include "analyzer/reports/program_json.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/resources_json.h"
#include "analyzer/util/memory.h"

#include <inttypes.h>
#include <stdlib.h>

/* Down to here elements have lines of their own: one line for each stack. */
#define LINE_DEPTH 4

struct export
{
    const struct profile *profile;
    struct json json;
    uint32_t *path; /* stack nodes of one stack, leaf first */
    size_t capacity;
    char *frames;  /* each as it is written, one behind the other */
    size_t *first; /* where each begins there; one more for the end */
};

static void write_metrics(struct export *export)
{
    struct json *json = &export->json;

    json_array_begin(json, "metrics");
    for (int i = 0; i < METRIC_COUNT; i++) {
        const struct metric_info *info = metric_info((enum metric)i);
        if (!profile_has_metric(export->profile, (enum metric)i))
            continue;
        json_object_begin(json, NULL);
        json_string(json, "name", info->name);
        json_string(json, "unit", metric_unit_name(info->unit));
        json_string(json, "label", info->label);
        json_bool(json, "signed", info->is_signed);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_thread(struct export *export, const struct profile_thread *thread)
{
    struct json *json = &export->json;
    bool counted = export->profile->processes[thread->process].has_memory && !thread->foreign;

    json_object_begin(json, NULL);
    json_int(json, "tid", thread->tid);
    json_string(json, "name", thread->name);
    json_uint(json, "start_ns", thread->start_ns);
    json_uint(json, "end_ns", thread->end_ns);
    json_uint(json, "cpu_ns", thread->cpu_ns);
    json_uint(json, "samples", thread->samples);
    json_uint(json, "lost", thread->lost);
    if (counted)
        facts_json_memory(json, "memory", &thread->memory);
    else
        json_null(json, "memory");
    json_object_end(json);
}

static void write_threads(struct export *export, uint32_t process)
{
    json_array_begin(&export->json, "threads");
    for (size_t i = 0; i < export->profile->thread_count; i++) {
        if (export->profile->threads[i].process == process)
            write_thread(export, &export->profile->threads[i]);
    }
    json_array_end(&export->json);
}

static void write_frame(struct json *json, const struct frame *frame, bool guessed)
{
    char address[24];

    snprintf(address, sizeof(address), "0x%" PRIx64, frame->address);
    json_object_begin(json, NULL);
    json_string(json, "addr", frame->kind != FRAME_MARK ? address : NULL);
    json_string(json, "symbol", frame->function);
    facts_json_place(json, frame->file, frame->line, frame->module);
    json_bool(json, "inlined", frame->kind == FRAME_INLINED);
    if (guessed)
        json_bool(json, "guessed", true);
    json_object_end(json);
}

/* Frames are in many stacks each: of 10^6 stacks three quarters of the time were theirs. */
static void prepare_frames(struct export *export)
{
    const struct profile *profile = export->profile;
    size_t size = 0;
    FILE *out = open_memstream(&export->frames, &size);

    if (out == NULL)
        memory_exhausted();
    export->first = memory_alloc((profile->frame_count + 1) * sizeof(*export->first));
    for (size_t i = 0; i < profile->frame_count; i++) {
        struct json json;
        json_init(&json, out, 0);
        export->first[i] = (size_t)ftello(out);
        write_frame(&json, &profile->frames[i], false);
    }
    export->first[profile->frame_count] = (size_t)ftello(out);
    fclose(out);
}

static void write_node(struct export *export, const struct stack_node *node)
{
    const size_t first = export->first[node->frame];

    if (node->guessed)
        write_frame(&export->json, &export->profile->frames[node->frame], true);
    else
        json_raw(&export->json, NULL, export->frames + first,
                 export->first[node->frame + 1] - first);
}

static void write_frames(struct export *export, uint32_t stack)
{
    const struct stack_node *stacks = export->profile->stacks;
    size_t depth = 0;

    for (; stack != STACK_NONE; stack = stacks[stack].parent) {
        export->path = memory_grow(export->path, depth, &export->capacity, sizeof(*export->path));
        export->path[depth++] = stack;
    }
    json_array_begin(&export->json, "frames");
    while (depth > 0)
        write_node(export, &stacks[export->path[--depth]]);
    json_array_end(&export->json);
}

/* Off the processor, of a process that has each. */
static void write_off(const struct export *export, struct json *json,
                      const struct profile_entry *entry)
{
    const struct profile_thread *thread = &export->profile->threads[entry->thread];
    const struct profile_process *process = &export->profile->processes[thread->process];

    if (process->has_wall)
        json_int(json, "offcpu_ns", entry->value[METRIC_OFFCPU]);
    if (process->has_runnable)
        json_int(json, "runnable_ns", entry->value[METRIC_RUNNABLE]);
    if (process->has_waits) {
        json_int(json, "lock_wait_ns", entry->value[METRIC_LOCK_WAIT]);
        json_int(json, "io_wait_ns", entry->value[METRIC_IO_WAIT]);
    }
}

static void write_stack(struct export *export, const struct profile_entry *entry)
{
    struct json *json = &export->json;
    const struct profile_thread *thread = &export->profile->threads[entry->thread];

    json_object_begin(json, NULL);
    json_int(json, "tid", thread->tid);
    json_int(json, "count", entry->value[METRIC_SAMPLES]);
    json_int(json, "cpu_ns", entry->value[METRIC_CPU]);
    json_null(json, "instructions");
    write_off(export, json, entry);
    if (export->profile->has_throttled)
        json_int(json, "throttled_cpu_ns", entry->value[METRIC_THROTTLED_CPU]);
    if (export->profile->processes[thread->process].has_memory && !thread->foreign) {
        json_int(json, "memory_delta", entry->value[METRIC_MEMORY_DELTA]);
        json_uint(json, "alloc_count", entry->alloc_count);
        json_uint(json, "alloc_bytes", entry->alloc_bytes);
        json_uint(json, "free_count", entry->free_count);
        json_uint(json, "free_bytes", entry->free_bytes);
    } else {
        json_null(json, "memory_delta");
    }
    if (entry->region != REGION_NONE)
        json_string(json, "region", export->profile->regions[entry->region].path);
    write_frames(export, entry->stack);
    json_object_end(json);
}

static void write_process_facts(struct json *json, const struct facts *facts)
{
    const struct profile_process *process = facts->root;

    json_int(json, "pid", process->pid);
    json_int(json, "ppid", process->ppid);
    json_uint(json, "image", process->image);
    json_string(json, "comm", process->comm);
    json_null(json, "command");
    json_double(json, "elapsed_seconds", (double)facts->wall_ns / 1e9);
    json_uint(json, "total_samples", facts->samples);
    json_uint(json, "lost_samples", facts->lost);
    json_uint(json, "truncated_samples", facts->truncated);
    json_uint(json, "guessed_samples", facts->guessed);
    json_uint(json, "cpu_ns", facts->cpu_ns);
    json_uint(json, "brief_children", facts->brief_children);
    facts_json_clock(json, facts);
    json_string(json, "exit", facts_end(process).text);
    json_string(json, "memory_unavailable",
                process->has_memory ? NULL : facts_memory_reason(process));
}

struct owned {
    uint32_t process, entry;
};

static int compare_owned(const void *a, const void *b)
{
    const struct owned *left = a, *right = b;

    if (left->process != right->process)
        return left->process < right->process ? -1 : 1;
    return left->entry < right->entry ? -1 : left->entry > right->entry;
}

static struct owned *entries_by_process(const struct profile *profile)
{
    struct owned *order = memory_alloc(profile->entries.count * sizeof(*order));

    for (size_t i = 0; i < profile->entries.count; i++) {
        order[i].process = profile->threads[profile->entries.places[i].thread].process;
        order[i].entry = (uint32_t)i;
    }
    qsort(order, profile->entries.count, sizeof(*order), compare_owned);
    return order;
}

static void write_processes(struct export *export)
{
    const struct profile *profile = export->profile;
    struct json *json = &export->json;
    struct owned *order = entries_by_process(profile);
    struct facts *facts = facts_of_processes(profile);
    size_t at = 0;

    json_array_begin(json, "processes");
    for (uint32_t i = 0; i < profile->process_count; i++) {
        json_object_begin(json, NULL);
        write_process_facts(json, &facts[i]);
        write_threads(export, i);
        json_array_begin(json, "stacks");
        for (; at < profile->entries.count && order[at].process == i; at++) {
            const struct profile_entry entry = entries_at(&profile->entries, order[at].entry);
            write_stack(export, &entry);
        }
        json_array_end(json);
        json_object_end(json);
    }
    json_array_end(json);
    free(facts);
    free(order);
}

static int write_export(const struct profile *profile, const struct report_options *options,
                        FILE *out, struct problem *problem)
{
    struct export export = {.profile = profile};
    struct json *json = &export.json;

    (void)options;
    (void)problem;
    prepare_frames(&export);
    json_init(json, out, LINE_DEPTH);
    json_object_begin(json, NULL);
    json_string(json, "schema", "profinject-1");
    json_string(json, "generator", "profinject");
    json_string(json, "frame_order", "root-first");
    json_string(json, "instructions_unavailable", "no instruction counter was recorded");
    write_metrics(&export);
    json_array_begin(json, "messages");
    for (size_t i = 0; i < profile->message_count; i++)
        json_string(json, NULL, profile->messages[i]);
    json_array_end(json);
    write_processes(&export);
    program_json(json, profile);
    resources_json(json, profile);
    json_object_end(json);
    json_finish(json);
    free(export.path);
    free(export.frames);
    free(export.first);
    return 0;
}

const struct report report_json = {.name = "json", .all_metrics = true, .write = write_export};
