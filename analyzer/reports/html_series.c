/*
 * html_series.h. Its own file because curves come from three models, none of which knows of another.
 */
#include "analyzer/reports/html_series.h"

#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PROCESSES 8 /* with curves of memory: those with the most */

struct curves {
    struct html_document *document;
    const struct profile *profile;
    struct html_axis axis;
    uint64_t origin_ns;
};

static double seconds(const struct curves *curves, uint64_t time_ns)
{
    return ((double)time_ns - (double)curves->origin_ns) / 1e9;
}

static bool is_on_axis(const struct curves *curves, uint64_t time_ns)
{
    return time_ns >= curves->axis.start_ns && time_ns <= curves->axis.end_ns;
}

/* --- from slices ------------------------------------------------------------------ */

/* A curve of 0 in every slice, whose time is the slice's middle. */
static struct html_series *sliced(const struct curves *curves, const struct html_series *about)
{
    const struct html_slices *slices = &curves->document->slices;
    struct html_series *series = html_document_series(curves->document, about, slices->slices);

    for (size_t i = 0; i < slices->slices; i++)
        series->time_s[i] = seconds(curves, curves->axis.start_ns) +
                            ((double)i + 0.5) * (double)slices->width_ns / 1e9;
    return series;
}

/* The last slice is over when the axis is. */
static double width_of(const struct curves *curves, size_t slice)
{
    const struct html_slices *slices = &curves->document->slices;
    uint64_t length = curves->axis.end_ns - curves->axis.start_ns;

    return slice + 1 < slices->slices ? (double)slices->width_ns
                                      : (double)(length - slice * slices->width_ns);
}

static void add_processors(const struct curves *curves)
{
    const struct html_slices *slices = &curves->document->slices;
    struct html_series *series =
        sliced(curves, &(struct html_series){.name = "cpu",
                                             .title = "Processors in use",
                                             .unit = "cores",
                                             .group = "cpu",
                                             .label = metric_info(METRIC_CPU)->label});

    for (size_t i = 0; i < slices->count; i++)
        series->value[slices->slice[i]] +=
            (double)slices->cpu_ns[i] / width_of(curves, slices->slice[i]);
}

/* The label of the mark an entry ends in. */
static uint32_t mark_of(const struct html_document *document, uint32_t entry)
{
    return document->nodes.label[document->entries.node[entry]];
}

struct waiting {
    uint32_t label;
    double ns;
};

static int compare_waiting(const void *a, const void *b)
{
    const struct waiting *left = a, *right = b;

    if (left->ns != right->ns)
        return left->ns > right->ns ? -1 : 1;
    return (left->label > right->label) - (left->label < right->label);
}

/* Marks and the time in them, most first; free(). */
static struct waiting *rank_waits(const struct html_document *document, size_t *count)
{
    struct waiting *all = memory_alloc((document->label_count + 1) * sizeof(*all));

    *count = 0;
    for (size_t i = 0; i < document->label_count; i++)
        all[i].label = (uint32_t)i;
    for (size_t i = 0; i < document->slices.count; i++)
        all[mark_of(document, document->slices.entry[i])].ns += (double)document->slices.off_ns[i];
    qsort(all, document->label_count, sizeof(*all), compare_waiting);
    while (*count < document->label_count && all[*count].ns > 0)
        ++*count;
    return all;
}

/* "mutex" of "[off-CPU: mutex]", "other" of "[off-CPU]", "runnable" of "[runnable]". */
static char *wait_title(const char *mark)
{
    static const char prefix[] = "[off-CPU: ";
    const char *name = strncmp(mark, prefix, strlen(prefix)) == 0 ? mark + strlen(prefix)
                       : mark[0] == '['                           ? mark + 1
                                                                  : mark;

    if (strcmp(mark, PROFILE_MARK_BLOCKED) == 0)
        return memory_strdup("not known why");
    return memory_printf("%.*s", (int)strcspn(name, "]"), name);
}

static void add_waits(const struct curves *curves)
{
    const struct html_document *document = curves->document;
    const struct html_slices *slices = &document->slices;
    size_t count;
    struct waiting *waits = rank_waits(document, &count);

    for (size_t w = 0; w < count; w++) {
        char *title = wait_title(document->labels[waits[w].label].name);
        char *name = memory_printf("wait: %s", title);
        struct html_series *series =
            sliced(curves, &(struct html_series){.name = name,
                                                 .title = title,
                                                 .unit = "threads",
                                                 .group = "waits",
                                                 .label = metric_info(METRIC_OFFCPU)->label});
        for (size_t i = 0; i < slices->count; i++)
            if (slices->off_ns[i] > 0 && mark_of(document, slices->entry[i]) == waits[w].label)
                series->value[slices->slice[i]] +=
                    (double)slices->off_ns[i] / width_of(curves, slices->slice[i]);
        free(name);
        free(title);
    }
    free(waits);
}

/* --- memory ------------------------------------------------------------------------ */

/* A name and title of their own for curves of processes of several; free(). */
static char *name_of(const struct curves *curves, const char *what, uint32_t process, bool is_title)
{
    const struct profile_process *whose = &curves->profile->processes[process];

    if (curves->profile->process_count == 1)
        return memory_strdup(what);
    return is_title ? memory_printf("%s, %s (%d)", what, whose->comm, whose->pid)
                    : memory_printf("%s %d", what, whose->pid);
}

static struct html_series *of_process(const struct curves *curves, struct html_series about,
                                      uint32_t process, size_t count)
{
    char *name = name_of(curves, about.name, process, false);
    char *title = name_of(curves, about.title, process, true);

    about.name = name;
    about.title = title;
    struct html_series *series = html_document_series(curves->document, &about, count);
    free(title);
    free(name);
    return series;
}

static const char *heap_label(const struct profile_heap *heap)
{
    if (heap->interval > 0)
        return "sampled";
    return heap->lost > 0 || heap->segments_lost > 0 ? "incomplete" : "exact";
}

/* Of a part of the recording there is no timeline: live blocks are those of the whole. */
static void add_heap(const struct curves *curves, uint32_t process)
{
    const struct profile_heap *heap = &curves->profile->processes[process].heap;
    const struct heap_timeline *timeline = heap->timeline;
    uint64_t before = 0;
    double allocated = 0;

    if (!heap->has_sites || timeline == NULL || heap->part || timeline->count == 0)
        return;
    struct html_series *live =
        of_process(curves,
                   (struct html_series){"heap-live", "Heap live", "bytes", "heap", heap_label(heap),
                                        NULL, NULL, 0},
                   process, timeline->count);
    for (size_t i = 0; i < timeline->count; i++) {
        live->time_s[i] = seconds(curves, timeline->start_ns + heap_timeline_at(timeline, i));
        live->value[i] = timeline->moments[i].live.total;
    }
    struct html_series *rate =
        of_process(curves,
                   (struct html_series){"allocation-rate", "Allocated per second", "bytes/s",
                                        "allocation", heap_label(heap), NULL, NULL, 0},
                   process, timeline->count);
    for (size_t i = 0; i < timeline->count; i++) {
        uint64_t at = heap_timeline_at(timeline, i);
        double sum = timeline->moments[i].allocated_bytes.total;
        rate->time_s[i] = seconds(curves, timeline->start_ns + at);
        rate->value[i] = at > before ? (sum - allocated) * 1e9 / (double)(at - before) : NAN;
        before = at;
        allocated = sum;
    }
}

static void add_resident(const struct curves *curves, uint32_t process)
{
    const struct profile_mapped *mapped = &curves->profile->processes[process].mapped;
    size_t count = 0;

    for (size_t i = 0; i < mapped->look_count; i++)
        count += is_on_axis(curves, mapped->looks[i].time_ns) ? 1 : 0;
    if (count == 0)
        return;
    struct html_series *series =
        of_process(curves,
                   (struct html_series){"resident", "Resident memory", "bytes", "resident",
                                        "by the kernel's count", NULL, NULL, 0},
                   process, count);
    count = 0;
    for (size_t i = 0; i < mapped->look_count; i++)
        if (is_on_axis(curves, mapped->looks[i].time_ns)) {
            series->time_s[count] = seconds(curves, mapped->looks[i].time_ns);
            series->value[count++] = (double)mapped->looks[i].resident;
        }
}

struct ranked {
    double most;
    uint32_t process;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;

    if (left->most != right->most)
        return left->most > right->most ? -1 : 1;
    return (left->process > right->process) - (left->process < right->process);
}

static double most_of(const struct profile_process *process)
{
    double most = process->heap.has_sites ? process->heap.peak.bytes.total : 0;

    for (size_t i = 0; i < process->mapped.look_count; i++)
        most = fmax(most, (double)process->mapped.looks[i].resident);
    return most;
}

static void add_memory(const struct curves *curves)
{
    size_t count = curves->profile->process_count;
    struct ranked *order = memory_alloc((count + 1) * sizeof(*order));

    for (size_t i = 0; i < count; i++)
        order[i] = (struct ranked){most_of(&curves->profile->processes[i]), (uint32_t)i};
    qsort(order, count, sizeof(*order), compare_ranked);
    for (size_t i = 0; i < count && i < PROCESSES; i++)
        add_heap(curves, order[i].process);
    for (size_t i = 0; i < count && i < PROCESSES; i++)
        add_resident(curves, order[i].process);
    free(order);
}

void html_series_fill(struct html_document *document, const struct profile *profile,
                      struct html_axis axis, uint64_t origin_ns)
{
    const struct curves curves = {document, profile, axis, origin_ns};

    if (document->slices.slices > 0) {
        add_processors(&curves);
        add_waits(&curves);
    }
    add_memory(&curves);
}
