/*
 * Resources of many traces as one. Its own file because only here is known whose they are, and that
 * a machine's series may go on in another trace.
 */
#include "analyzer/load/merge_resources.h"

#include "analyzer/load/resource_points.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

/* Keys hold no padding: key_table compares bytes. */
struct series_key {
    const char *name, *subject;
    uint64_t device, inode; /* of the machine's recording */
    uint32_t scope, is_rate, process, thread;
};

/* What one trace has of a series of the profile. */
struct part {
    uint32_t series;
    uint64_t first_ns, end_ns; /* of it; its process or thread ended then */
    const struct loaded_series *from;
};

/* A recording whose machine is among the series. */
struct recorded {
    uint64_t device, inode;
    const char *name;
};

struct merging {
    struct profile *profile;
    struct recorded *recordings;
    size_t recording_count, recording_capacity;
    struct key_table *keys;
    struct part *parts;
    size_t count, capacity;
    const struct profile_thread **by_tid; /* threads of one trace, by tid and start */
};

static int compare_threads(const void *left, const void *right)
{
    const struct profile_thread *a = *(const struct profile_thread *const *)left;
    const struct profile_thread *b = *(const struct profile_thread *const *)right;

    return a->tid != b->tid ? COMPARE(a->tid, b->tid) : COMPARE(a->start_ns, b->start_ns);
}

static void sort_threads(struct merging *merging, const struct loaded_trace *trace)
{
    free(merging->by_tid);
    merging->by_tid = memory_alloc((trace->thread_count + 1) * sizeof(*merging->by_tid));
    for (size_t i = 0; i < trace->thread_count; i++)
        merging->by_tid[i] = &trace->threads[i];
    qsort(merging->by_tid, trace->thread_count, sizeof(*merging->by_tid), compare_threads);
}

/* The thread that had this number when the series began; the first that had it, where that is
 * before any: collectors see threads a little earlier. NULL when there is none. */
static const struct profile_thread *thread_of(const struct merging *merging,
                                              const struct loaded_trace *trace, int32_t tid,
                                              uint64_t first_ns)
{
    const struct profile_thread *found = NULL;
    size_t low = 0, high = trace->thread_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (merging->by_tid[middle]->tid < tid)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < trace->thread_count && merging->by_tid[i]->tid == tid; i++)
        if (found == NULL || merging->by_tid[i]->start_ns <= first_ns)
            found = merging->by_tid[i];
    return found;
}

/* NULL: of this image's recording there is no series of the machine. */
static const char *known_recording(const struct merging *merging, const struct process_image *image)
{
    const uint64_t device = (uint64_t)image->source->directory.device;
    const uint64_t inode = (uint64_t)image->source->directory.inode;

    for (size_t i = 0; i < merging->recording_count; i++)
        if (merging->recordings[i].device == device && merging->recordings[i].inode == inode)
            return merging->recordings[i].name;
    return NULL;
}

/* What the recording of a trace is called: not by its place, which is another in an archive, and of
 * no concern to who is given a report. */
static const char *recording_of(struct merging *merging, const struct process_image *image)
{
    const char *known = known_recording(merging, image);

    if (known != NULL)
        return known;
    merging->recordings = memory_grow(merging->recordings, merging->recording_count,
                                      &merging->recording_capacity, sizeof(*merging->recordings));
    struct recorded *added = &merging->recordings[merging->recording_count++];
    char *name = memory_printf("recording %zu (%s)", merging->recording_count,
                               image->trace.process.comm != NULL ? image->trace.process.comm : "?");
    *added = (struct recorded){(uint64_t)image->source->directory.device,
                               (uint64_t)image->source->directory.inode,
                               strings_intern(merging->profile->strings, name)};
    free(name);
    return added->name;
}

static struct resource_series series_of(const struct loaded_series *from)
{
    static const enum resource_scope scopes[] = {
        [TRACE_SCOPE_MACHINE] = RESOURCE_OF_MACHINE,
        [TRACE_SCOPE_PROCESS] = RESOURCE_OF_PROCESS,
        [TRACE_SCOPE_THREAD] = RESOURCE_OF_THREAD,
    };

    return (struct resource_series){.name = from->is.name,
                                    .subject = from->is.subject,
                                    .unit = from->is.unit,
                                    .reason = from->is.reason,
                                    .scope = scopes[from->is.scope],
                                    .is_rate = from->is.type == TRACE_RESOURCE_COUNTER,
                                    .process = RESOURCE_NOBODY,
                                    .thread = RESOURCE_NOBODY};
}

/* Of whom it is; a thread of which the trace has nothing else is told by its number. */
static void find_owner(const struct merging *merging, const struct process_image *image,
                       uint32_t process, uint32_t first_thread, struct part *part,
                       struct resource_series *series)
{
    const struct loaded_trace *trace = &image->trace;
    char subject[32];

    series->process = process;
    if (series->scope != RESOURCE_OF_THREAD)
        return;
    int32_t tid = part->from->is.tid;
    const struct profile_thread *thread = thread_of(merging, trace, tid, part->first_ns);
    if (thread != NULL) {
        series->thread = first_thread + (uint32_t)(thread - trace->threads);
        part->end_ns = thread->end_ns < part->end_ns ? thread->end_ns : part->end_ns;
    } else if (series->subject == NULL) {
        snprintf(subject, sizeof(subject), "thread %d", tid);
        series->subject = strings_intern(merging->profile->strings, subject);
    }
}

static void add_part(struct merging *merging, const struct process_image *image, uint32_t process,
                     uint32_t first_thread, const struct loaded_series *from)
{
    struct resources *resources = &merging->profile->resources;
    struct part part = {.from = from,
                        .first_ns = from->count > 0 ? loaded_point_ns(&from->points[0]) : 0,
                        .end_ns = image->trace.resources.until_ns};
    struct resource_series series = series_of(from);
    struct series_key key = {series.name,     series.subject, 0, 0, series.scope, series.is_rate,
                             RESOURCE_NOBODY, RESOURCE_NOBODY};

    if (series.scope == RESOURCE_OF_MACHINE) {
        series.recording = recording_of(merging, image);
        key.device = (uint64_t)image->source->directory.device;
        key.inode = (uint64_t)image->source->directory.inode;
    } else {
        find_owner(merging, image, process, first_thread, &part, &series);
        key.process = series.process;
        key.thread = series.thread;
        key.subject = series.subject;
    }
    part.series = key_table_add(merging->keys, &key, (uint32_t)resources->count);
    if (part.series == resources->count)
        resources_add(resources, &series);
    merging->parts =
        memory_grow(merging->parts, merging->count, &merging->capacity, sizeof(*merging->parts));
    merging->parts[merging->count++] = part;
}

static int compare_parts(const void *left, const void *right)
{
    const struct part *a = left, *b = right;

    if (a->series != b->series)
        return COMPARE(a->series, b->series);
    return a->first_ns != b->first_ns ? COMPARE(a->first_ns, b->first_ns)
                                      : COMPARE(a->from->is.id, b->from->is.id);
}

/* Whether it has values to the end, and if not why, the newest part says; one without any says
 * nothing where another has them. */
static void take_reason(struct resource_series *series, const struct part *part)
{
    if (part->from->count > 0)
        series->reason = part->from->is.reason;
    else if (series->count == 0 && series->reason == NULL)
        series->reason = part->from->is.reason;
}

/* Whose machine the processes ran on, where there are several. */
static void tell_processes(const struct merging *merging, const struct process_image *images,
                           size_t count)
{
    for (size_t i = 0; i < count && merging->recording_count > 1; i++) {
        const char *known = known_recording(merging, &images[i]);
        merging->profile->processes[i].recording = known != NULL ? known : "";
    }
}

/* Without recordings where there is one; without series of which nothing is left, not even a
 * reason. */
static void tidy(struct resources *resources)
{
    const char *first = NULL;
    bool several = false;
    size_t kept = 0;

    for (size_t i = 0; i < resources->count; i++) {
        const char *recording = resources->series[i].recording;
        several |= first != NULL && recording != NULL && recording != first;
        first = recording != NULL ? recording : first;
    }
    for (size_t i = 0; i < resources->count; i++) {
        struct resource_series *series = &resources->series[i];
        if (!several)
            series->recording = NULL;
        if (series->count > 0 || series->reason != NULL)
            resources->series[kept++] = *series;
        else
            free(series->points);
    }
    resources->count = kept;
}

void merge_resources(struct profile *profile, const struct process_image *images, size_t count,
                     const struct time_window *window)
{
    struct merging merging = {.profile = profile, .keys = key_table_new(sizeof(struct series_key))};
    struct resources *resources = &profile->resources;
    uint32_t first_thread = 0;

    for (size_t i = 0; i < count; i++) {
        const struct loaded_trace *trace = &images[i].trace;
        sort_threads(&merging, trace);
        for (size_t s = 0; s < trace->resources.count; s++)
            if (trace->resources.series[s].is.name != NULL)
                add_part(&merging, &images[i], (uint32_t)i, first_thread,
                         &trace->resources.series[s]);
        first_thread += (uint32_t)trace->thread_count;
    }
    if (merging.count > 0)
        qsort(merging.parts, merging.count, sizeof(*merging.parts), compare_parts);
    for (size_t i = 0; i < merging.count; i++) {
        const struct part *part = &merging.parts[i];
        struct resource_series *series = &resources->series[part->series];
        resource_points_pour(series, part->from, part->end_ns);
        take_reason(series, part);
        if (i + 1 == merging.count || merging.parts[i + 1].series != part->series)
            resource_points_crop(series, window);
    }
    tell_processes(&merging, images, count);
    tidy(resources);
    free(merging.parts);
    free(merging.recordings);
    free(merging.by_tid);
    key_table_free(merging.keys);
}
