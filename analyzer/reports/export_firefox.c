/*
 * `export --format firefox`: the processed format of the Firefox Profiler, for
 * profiler.firefox.com. Its own file as one output format; firefox_tables.c and firefox_threads.c
 * write its parts.
 *
 * Version 60 is the first in which threads share their tables; the profiler reads all before its
 * own.
 */
#include "analyzer/reports/export_metrics.h"
#include "analyzer/reports/facts.h"
#include "analyzer/reports/firefox_threads.h"
#include "analyzer/reports/report.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

#define PROCESSED_VERSION 60
#define GECKO_VERSION 31 /* of what Firefox itself writes: read by nobody in this format */
#define LINE_DEPTH 3

struct writer {
    const struct profile *profile;
    struct json json;
    struct firefox_tables tables;
    struct firefox_threads threads;
};

static void write_categories(struct json *json)
{
    static const char *const names[FIREFOX_CATEGORIES][2] = {
        [FIREFOX_OTHER] = {"Other", "grey"},      [FIREFOX_PROGRAM] = {"Function", "yellow"},
        [FIREFOX_INLINED] = {"Inlined", "green"}, [FIREFOX_KERNEL] = {"Kernel", "orange"},
        [FIREFOX_WAITING] = {"Off-CPU", "blue"},
    };

    json_array_begin(json, "categories");
    for (size_t i = 0; i < FIREFOX_CATEGORIES; i++) {
        json_object_begin(json, NULL);
        json_string(json, "name", names[i][0]);
        json_string(json, "color", names[i][1]);
        json_array_begin(json, "subcategories");
        json_string(json, NULL, "Other");
        json_array_end(json);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_note(struct json *json, const char *label, const char *text)
{
    json_object_begin(json, NULL);
    json_string(json, "label", label);
    json_string(json, "format", "string");
    json_text(json, "value", text);
    json_object_end(json);
}

/* What figures are, what was left out, and what was lost. */
static void write_notes(const struct writer *writer, struct json *json)
{
    const struct profile *profile = writer->profile;

    json_array_begin(json, "extra");
    json_object_begin(json, NULL);
    json_string(json, "label", "Recorded by profinject");
    json_array_begin(json, "entries");
    write_note(json, "CPU time", metric_info(METRIC_CPU)->label);
    if (profile_has_metric(profile, METRIC_LIVE_BYTES))
        write_note(json, "Heap", metric_info(METRIC_LIVE_BYTES)->label);
    if (profile->kept != NULL)
        write_note(json, "Kept", profile->kept);
    if (profile->part != NULL)
        write_note(json, "Part", profile->part);
    for (size_t i = 0; i < profile->message_count; i++)
        write_note(json, "Note", profile->messages[i]);
    json_array_end(json);
    json_object_end(json);
    json_array_end(json);
}

static void write_units(struct json *json)
{
    json_object_begin(json, "sampleUnits");
    json_string(json, "time", "ms");
    json_string(json, "eventDelay", "ms");
    json_string(json, "threadCPUDelta", "ns");
    json_object_end(json);
}

/* The command's name without its arguments, which may be secrets. */
static void write_meta(struct writer *writer)
{
    struct json *json = &writer->json;
    struct facts facts;

    facts_init(&facts, writer->profile);
    const struct profile_process *root = facts.root;
    json_object_begin(json, "meta");
    json_millionths(json, "interval",
                    root != NULL && root->weight_unit_ns > 0 ? root->weight_unit_ns : 1000000);
    json_millionths(json, "startTime", root != NULL ? root->start_realtime_ns : 0);
    json_int(json, "processType", 0);
    json_text(json, "product", root != NULL ? root->comm : "empty recording");
    json_int(json, "stackwalk", 1);
    json_int(json, "version", GECKO_VERSION);
    json_int(json, "preprocessedProfileVersion", PROCESSED_VERSION);
    json_string(json, "platform", "Linux");
    json_string(json, "importedFrom", "profinject");
    json_bool(json, "symbolicated", true);
    json_bool(json, "usesOnlyOneStackType", true);
    json_bool(json, "sourceCodeIsNotOnSearchfox", true);
    write_units(json);
    write_categories(json);
    firefox_threads_write_schema(json);
    write_notes(writer, json);
    json_object_end(json);
}

/* --- memory over time -------------------------------------------------------------- */

/* How much there was at a moment. */
struct moment {
    uint64_t time_ns;
    int64_t bytes;
};

struct counter {
    const char *name, *description;
    struct moment *moments;
    size_t count;
};

/* A counter is told by its changes. */
static void write_changes(const struct writer *writer, struct json *json,
                          const struct counter *counter)
{
    json_object_begin(json, "samples");
    json_uint(json, "length", counter->count);
    json_array_begin(json, "time");
    for (size_t i = 0; i < counter->count; i++)
        firefox_threads_write_time(&writer->threads, json, NULL, counter->moments[i].time_ns);
    json_array_end(json);
    json_array_begin(json, "count");
    for (size_t i = 0; i < counter->count; i++)
        json_int(json, NULL,
                 counter->moments[i].bytes - (i > 0 ? counter->moments[i - 1].bytes : 0));
    json_array_end(json);
    json_object_end(json);
}

static void write_counter(struct writer *writer, uint32_t process, const struct counter *counter)
{
    struct json *json = &writer->json;
    const uint32_t thread = firefox_threads_main(&writer->threads, process);
    char *pid = firefox_threads_pid(&writer->profile->processes[process]);

    if (thread != FIREFOX_NONE && counter->count > 0) {
        json_object_begin(json, NULL);
        json_string(json, "name", counter->name);
        json_string(json, "category", "Memory");
        json_text(json, "description", counter->description);
        json_string(json, "pid", pid);
        json_uint(json, "mainThreadIndex", thread);
        write_changes(writer, json, counter);
        json_object_end(json);
    }
    free(pid);
}

/* Of the whole process only: of what was chosen of a heap there is no timeline. */
static void write_heap(struct writer *writer, uint32_t process)
{
    const struct profile_heap *heap = &writer->profile->processes[process].heap;
    const struct heap_timeline *timeline = heap->timeline;
    struct counter counter = {.name = "heap", .count = timeline != NULL ? timeline->count : 0};
    char *description =
        memory_printf("Live bytes of the heap (%s)", metric_info(METRIC_LIVE_BYTES)->label);

    counter.moments = memory_alloc((counter.count + 1) * sizeof(*counter.moments));
    counter.description = description;
    for (size_t i = 0; i < counter.count; i++)
        counter.moments[i] = (struct moment){timeline->start_ns + heap_timeline_at(timeline, i),
                                             llround(timeline->moments[i].live.total)};
    if (heap->has_sites && !heap->part)
        write_counter(writer, process, &counter);
    free(counter.moments);
    free(description);
}

static void write_resident(struct writer *writer, uint32_t process)
{
    const struct profile_mapped *mapped = &writer->profile->processes[process].mapped;
    struct counter counter = {.name = "resident",
                              .description = "Resident memory, by the kernel's count",
                              .count = mapped->look_count};

    counter.moments = memory_alloc((counter.count + 1) * sizeof(*counter.moments));
    for (size_t i = 0; i < counter.count; i++)
        counter.moments[i] =
            (struct moment){mapped->looks[i].time_ns, (int64_t)mapped->looks[i].resident};
    write_counter(writer, process, &counter);
    free(counter.moments);
}

static int write_firefox(const struct profile *profile, const struct report_options *options,
                         FILE *out, struct problem *problem)
{
    struct writer writer = {.profile = profile};

    (void)options;
    (void)problem;
    firefox_tables_init(&writer.tables, profile);
    firefox_threads_init(&writer.threads, &writer.tables);
    json_init(&writer.json, out, LINE_DEPTH);
    json_object_begin(&writer.json, NULL);
    write_meta(&writer);
    firefox_tables_write_libraries(&writer.tables, &writer.json);
    firefox_threads_write(&writer.threads, &writer.json);
    json_array_begin(&writer.json, "counters");
    for (uint32_t i = 0; i < profile->process_count; i++) {
        write_heap(&writer, i);
        write_resident(&writer, i);
    }
    json_array_end(&writer.json);
    firefox_tables_write_shared(&writer.tables, &writer.json);
    json_object_end(&writer.json);
    json_finish(&writer.json);
    firefox_threads_release(&writer.threads);
    firefox_tables_release(&writer.tables);
    return 0;
}

const struct report report_firefox = {.name = "firefox", .over_time = true, .write = write_firefox};
