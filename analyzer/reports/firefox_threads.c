/*
 * Threads for the Firefox Profiler. Its own file because all of it is about time.
 *
 * A sample there says where a thread was since the sample before. Ours stand for CPU time: where
 * more time than that has passed a row without a stack comes in between.
 */
#include "analyzer/reports/firefox_threads.h"

#include "analyzer/model/wait_kind.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

#define PHASE_INTERVAL 1

/* A row of a table of samples. */
struct row {
    uint64_t time_ns, cpu_ns;
    uint32_t stack;
};

struct marker {
    uint32_t name; /* of texts */
    uint64_t begin_ns, end_ns;
    const struct profile_single *wait; /* NULL: a region, */
    uint64_t throttled_ns;             /* or, where it is more than 0, a slow processor */
};

struct rows {
    struct row *items;
    size_t count, capacity;
};

struct markers {
    struct marker *items;
    size_t count, capacity;
};

/* Rows in the order of the profile's threads; filters leave some without anything. Without any
 * thread a file is refused: where nothing is left all are there. */
static void number_rows(struct firefox_threads *threads)
{
    const struct profile *profile = threads->tables->profile;
    const bool all = profile->entries.count == 0 && profile->single_count == 0;
    uint32_t count = 0;

    threads->row_of = memory_alloc((profile->thread_count + 1) * sizeof(*threads->row_of));
    for (size_t i = 0; i < profile->entries.count; i++)
        threads->row_of[profile->entries.places[i].thread] = 1;
    for (size_t i = 0; i < profile->single_count; i++)
        threads->row_of[profile->singles[i].thread] = 1;
    for (size_t i = 0; i < profile->thread_count; i++)
        threads->row_of[i] = all || threads->row_of[i] != 0 ? count++ : FIREFOX_NONE;
}

static void sort_waits(struct firefox_threads *threads)
{
    const struct profile *profile = threads->tables->profile;
    const size_t count = profile->thread_count;
    size_t *next = memory_alloc((count + 1) * sizeof(*next));

    threads->waits = memory_alloc((profile->single_count + 1) * sizeof(*threads->waits));
    threads->first_wait = memory_alloc((count + 1) * sizeof(*threads->first_wait));
    for (size_t i = 0; i < profile->single_count; i++)
        threads->first_wait[profile->singles[i].thread + 1]++;
    for (size_t i = 0; i < count; i++)
        next[i + 1] = threads->first_wait[i + 1] += threads->first_wait[i];
    for (size_t i = 0; i < profile->single_count; i++)
        threads->waits[next[profile->singles[i].thread]++] = (uint32_t)i;
    free(next);
}

void firefox_threads_init(struct firefox_threads *threads, struct firefox_tables *tables)
{
    *threads =
        (struct firefox_threads){.tables = tables, .start_ns = profile_start_ns(tables->profile)};
    thread_samples_init(&threads->samples, tables->profile);
    threads->throttle = throttle_new(tables->profile);
    number_rows(threads);
    sort_waits(threads);
}

void firefox_threads_release(struct firefox_threads *threads)
{
    thread_samples_release(&threads->samples);
    throttle_free(threads->throttle);
    free(threads->row_of);
    free(threads->waits);
    free(threads->first_wait);
}

uint32_t firefox_threads_main(const struct firefox_threads *threads, uint32_t process)
{
    const struct profile *profile = threads->tables->profile;

    for (size_t i = 0; i < profile->thread_count; i++)
        if (profile->threads[i].process == process && threads->row_of[i] != FIREFOX_NONE)
            return threads->row_of[i];
    return FIREFOX_NONE;
}

char *firefox_threads_pid(const struct profile_process *process)
{
    return process->image == 0 ? memory_printf("%d", process->pid)
                               : memory_printf("%d.%u", process->pid, process->image);
}

static uint64_t since_start(const struct firefox_threads *threads, uint64_t time_ns)
{
    return time_ns > threads->start_ns ? time_ns - threads->start_ns : 0;
}

void firefox_threads_write_time(const struct firefox_threads *threads, struct json *json,
                                const char *key, uint64_t time_ns)
{
    json_millionths(json, key, since_start(threads, time_ns));
}

/* --- samples ------------------------------------------------------------------- */

static void add_row(struct rows *rows, uint64_t time_ns, uint64_t cpu_ns, uint32_t stack)
{
    rows->items = memory_grow(rows->items, rows->count, &rows->capacity, sizeof(*rows->items));
    rows->items[rows->count++] = (struct row){time_ns, cpu_ns, stack};
}

/* Half as much again as it ran since the sample before: it did something else for a while. */
static bool has_gap(uint64_t before_ns, const struct profile_sample *sample)
{
    return sample->time_ns - before_ns > sample->length_ns + sample->length_ns / 2;
}

static struct rows rows_of(const struct firefox_threads *threads, uint32_t thread)
{
    const struct thread_samples *samples = &threads->samples;
    struct rows rows = {.count = 0};
    uint64_t before_ns = threads->start_ns;

    for (size_t i = samples->first[thread]; i < samples->first[thread + 1]; i++) {
        const struct profile_sample *sample =
            &threads->tables->profile->samples.items[samples->items[i]];
        if (sample->time_ns > before_ns && has_gap(before_ns, sample))
            add_row(&rows, sample->time_ns - sample->length_ns, 0, STACK_NONE);
        add_row(&rows, sample->time_ns, sample->length_ns, sample->place.stack);
        before_ns = sample->time_ns;
    }
    return rows;
}

static void write_samples(const struct firefox_threads *threads, struct json *json, uint32_t thread)
{
    struct rows rows = rows_of(threads, thread);

    json_object_begin(json, "samples");
    json_uint(json, "length", rows.count);
    json_array_begin(json, "stack");
    for (size_t i = 0; i < rows.count; i++)
        firefox_tables_write_stack(json, NULL, rows.items[i].stack);
    json_array_end(json);
    json_array_begin(json, "time");
    for (size_t i = 0; i < rows.count; i++)
        firefox_threads_write_time(threads, json, NULL, rows.items[i].time_ns);
    json_array_end(json);
    json_string(json, "weightType", "tracing-ms");
    json_array_begin(json, "weight");
    for (size_t i = 0; i < rows.count; i++)
        json_millionths(json, NULL, rows.items[i].cpu_ns);
    json_array_end(json);
    json_array_begin(json, "threadCPUDelta");
    for (size_t i = 0; i < rows.count; i++)
        json_uint(json, NULL, rows.items[i].cpu_ns);
    json_array_end(json);
    json_object_end(json);
    free(rows.items);
}

/* --- markers ------------------------------------------------------------------- */

static void add_marker(struct markers *markers, const struct marker *marker)
{
    markers->items =
        memory_grow(markers->items, markers->count, &markers->capacity, sizeof(*marker));
    markers->items[markers->count++] = *marker;
}

static void add_waits(const struct firefox_threads *threads, uint32_t thread,
                      struct markers *markers)
{
    for (size_t i = threads->first_wait[thread]; i < threads->first_wait[thread + 1]; i++) {
        const struct profile_single *wait = &threads->tables->profile->singles[threads->waits[i]];
        add_marker(markers,
                   &(struct marker){
                       .name = text_numbers_of(&threads->tables->texts, wait_kind_name(wait->kind)),
                       .begin_ns = wait->begin_ns,
                       .end_ns = wait->end_ns > wait->begin_ns ? wait->end_ns : wait->begin_ns,
                       .wait = wait});
    }
}

static uint64_t begin_of(const struct profile_sample *sample)
{
    return sample->time_ns -
           (sample->length_ns < sample->time_ns ? sample->length_ns : sample->time_ns);
}

/* Of regions totals alone are recorded: where they begin and end is known as far as samples
 * were taken in them. */
static void add_regions(const struct firefox_threads *threads, uint32_t thread,
                        struct markers *markers)
{
    const struct profile *profile = threads->tables->profile;
    const struct thread_samples *samples = &threads->samples;
    uint32_t region = REGION_NONE;

    for (size_t i = samples->first[thread]; i < samples->first[thread + 1]; i++) {
        const struct profile_sample *sample = &profile->samples.items[samples->items[i]];
        if (sample->place.region != REGION_NONE && sample->place.region == region) {
            markers->items[markers->count - 1].end_ns = sample->time_ns;
        } else if (sample->place.region != REGION_NONE) {
            const char *path = profile->regions[sample->place.region].path;
            add_marker(markers,
                       &(struct marker){.name = text_numbers_of(&threads->tables->texts, path),
                                        .begin_ns = begin_of(sample),
                                        .end_ns = sample->time_ns});
        }
        region = sample->place.region;
    }
}

/* As long as each sample was taken on a processor that was slowed down for some of its time. */
static void add_throttled(const struct firefox_threads *threads, uint32_t thread,
                          struct markers *markers)
{
    const struct thread_samples *samples = &threads->samples;
    const struct profile_sample *all = threads->tables->profile->samples.items;
    bool goes_on = false;

    for (size_t i = samples->first[thread];
         i < samples->first[thread + 1] && threads->throttle != NULL; i++) {
        const struct profile_sample *sample = &all[samples->items[i]];
        const uint64_t throttled_ns = throttle_sample_ns(threads->throttle, sample);
        if (throttled_ns > 0 && goes_on) {
            markers->items[markers->count - 1].end_ns = sample->time_ns;
            markers->items[markers->count - 1].throttled_ns += throttled_ns;
        } else if (throttled_ns > 0) {
            add_marker(markers, &(struct marker){
                                    .name = text_numbers_of(&threads->tables->texts, "throttled"),
                                    .begin_ns = begin_of(sample),
                                    .end_ns = sample->time_ns,
                                    .throttled_ns = throttled_ns});
        }
        goes_on = throttled_ns > 0;
    }
}

static int compare_markers(const void *a, const void *b)
{
    const struct marker *left = a, *right = b;

    if (left->begin_ns != right->begin_ns)
        return left->begin_ns < right->begin_ns ? -1 : 1;
    return left->end_ns < right->end_ns ? -1 : left->end_ns > right->end_ns;
}

static void write_cause(const struct firefox_threads *threads, struct json *json,
                        const struct profile_single *wait)
{
    json_object_begin(json, "cause");
    json_int(json, "tid", threads->tables->profile->threads[wait->thread].tid);
    firefox_threads_write_time(threads, json, "time", wait->begin_ns);
    firefox_tables_write_stack(json, "stack", wait->stack);
    json_object_end(json);
}

static void write_data(const struct firefox_threads *threads, struct json *json,
                       const struct marker *marker)
{
    const struct profile *profile = threads->tables->profile;
    const struct profile_single *wait = marker->wait;

    json_object_begin(json, NULL);
    if (wait != NULL) {
        char *object = wait_text_object(profile, wait->object);
        char *peer = wait_text_thread(profile, wait->peer_thread, wait->peer);
        json_string(json, "type", "Wait");
        json_text(json, "object", object);
        json_text(json, "peer", peer);
        json_string(json, "over", wait->open ? "no" : "yes");
        if (wait->stack != STACK_NONE)
            write_cause(threads, json, wait);
        free(object);
        free(peer);
    } else if (marker->throttled_ns > 0) {
        json_string(json, "type", "Throttled");
        json_millionths(json, "cpu", marker->throttled_ns);
    } else {
        json_string(json, "type", "Region");
    }
    json_object_end(json);
}

static void write_marker_columns(const struct firefox_threads *threads, struct json *json,
                                 const struct markers *markers)
{
    json_uint(json, "length", markers->count);
    json_array_begin(json, "name");
    for (size_t i = 0; i < markers->count; i++)
        json_uint(json, NULL, markers->items[i].name);
    json_array_end(json);
    json_array_begin(json, "startTime");
    for (size_t i = 0; i < markers->count; i++)
        firefox_threads_write_time(threads, json, NULL, markers->items[i].begin_ns);
    json_array_end(json);
    json_array_begin(json, "endTime");
    for (size_t i = 0; i < markers->count; i++)
        firefox_threads_write_time(threads, json, NULL, markers->items[i].end_ns);
    json_array_end(json);
    json_array_begin(json, "phase");
    for (size_t i = 0; i < markers->count; i++)
        json_uint(json, NULL, PHASE_INTERVAL);
    json_array_end(json);
    json_array_begin(json, "category");
    for (size_t i = 0; i < markers->count; i++)
        json_uint(json, NULL, markers->items[i].wait != NULL ? FIREFOX_WAITING : FIREFOX_PROGRAM);
    json_array_end(json);
    json_array_begin(json, "data");
    for (size_t i = 0; i < markers->count; i++)
        write_data(threads, json, &markers->items[i]);
    json_array_end(json);
}

static void write_markers(const struct firefox_threads *threads, struct json *json, uint32_t thread)
{
    struct markers markers = {.count = 0};

    add_waits(threads, thread, &markers);
    add_regions(threads, thread, &markers);
    add_throttled(threads, thread, &markers);
    if (markers.count > 0)
        qsort(markers.items, markers.count, sizeof(*markers.items), compare_markers);
    json_object_begin(json, "markers");
    write_marker_columns(threads, json, &markers);
    json_object_end(json);
    free(markers.items);
}

static void write_field(struct json *json, const char *key, const char *label, const char *format)
{
    json_object_begin(json, NULL);
    json_string(json, "key", key);
    json_string(json, "label", label);
    json_string(json, "format", format);
    json_object_end(json);
}

static void begin_schema(struct json *json, const char *name, const char *description)
{
    json_object_begin(json, NULL);
    json_string(json, "name", name);
    json_array_begin(json, "display");
    json_string(json, NULL, "marker-chart");
    json_string(json, NULL, "marker-table");
    json_string(json, NULL, "timeline-overview");
    json_array_end(json);
    json_string(json, "description", description);
    json_array_begin(json, "fields");
}

static void end_schema(struct json *json)
{
    json_array_end(json);
    json_object_end(json);
}

void firefox_threads_write_schema(struct json *json)
{
    json_array_begin(json, "markerSchema");
    begin_schema(json, "Wait", "The thread was off the processor; exact.");
    write_field(json, "object", "Waited for", "string");
    write_field(json, "peer", "Ended or held up by", "string");
    write_field(json, "over", "Over", "string");
    end_schema(json);
    begin_schema(json, "Region",
                 "The program was in this region of its own, as far as samples were taken there.");
    end_schema(json);
    begin_schema(json, "Throttled",
                 "The thread ran on a processor that was slowed down, by some ten looks a second.");
    write_field(json, "cpu", "Throttled CPU time", "duration");
    end_schema(json);
    json_array_end(json);
}

/* --- threads ------------------------------------------------------------------- */

static void write_end(const struct firefox_threads *threads, struct json *json, const char *key,
                      uint64_t time_ns)
{
    if (time_ns != 0)
        firefox_threads_write_time(threads, json, key, time_ns);
    else
        json_null(json, key);
}

static void write_thread(const struct firefox_threads *threads, struct json *json, uint32_t number)
{
    const struct profile *profile = threads->tables->profile;
    const struct profile_thread *thread = &profile->threads[number];
    const struct profile_process *process = &profile->processes[thread->process];
    char *pid = firefox_threads_pid(process);

    json_object_begin(json, NULL);
    json_string(json, "processType", "default");
    firefox_threads_write_time(threads, json, "processStartupTime", process->start_ns);
    write_end(threads, json, "processShutdownTime", process->end_ns);
    firefox_threads_write_time(threads, json, "registerTime", thread->start_ns);
    write_end(threads, json, "unregisterTime", thread->end_ns);
    json_array_begin(json, "pausedRanges");
    json_array_end(json);
    json_bool(json, "showMarkersInTimeline", true);
    json_text(json, "name", thread->name);
    json_bool(json, "isMainThread", thread->tid == process->pid);
    json_text(json, "processName", process->comm);
    json_string(json, "pid", pid);
    json_int(json, "tid", thread->tid);
    write_samples(threads, json, number);
    write_markers(threads, json, number);
    json_object_end(json);
    free(pid);
}

void firefox_threads_write(struct firefox_threads *threads, struct json *json)
{
    json_array_begin(json, "threads");
    for (uint32_t i = 0; i < threads->tables->profile->thread_count; i++)
        if (threads->row_of[i] != FIREFOX_NONE)
            write_thread(threads, json, i);
    json_array_end(json);
}
