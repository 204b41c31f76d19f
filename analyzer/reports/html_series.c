/*
 * html_series.h. Its own file because curves come from three models, none of which knows of another.
 */
#include "analyzer/reports/html_series.h"

#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATES 400   /* intervals of the time axis that a rate is of, at most */
#define PROCESSES 8 /* with curves of memory: those with the most */

struct curves {
    struct html_document *document;
    const struct profile *profile;
    const struct labels *labels;
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

/* --- from samples ----------------------------------------------------------------- */

/* Sums of nanoseconds by slice. `waits` by label of the mark; NULL where there is none. */
struct sums {
    const struct curves *curves;
    uint64_t width_ns;
    size_t slices;
    double *cpu, **waits;
};

static void add_sample(struct sums *sums, const struct profile_sample *sample)
{
    const struct curves *curves = sums->curves;
    const struct stack_node *leaf = &curves->profile->stacks[sample->place.stack];
    struct html_spread spread = html_spread_begin(sample, curves->axis, sums->width_ns);
    double **sum = sample->off ? &sums->waits[curves->labels->of_frame[leaf->frame]] : &sums->cpu;
    uint32_t slice;
    uint64_t part;

    if (*sum == NULL)
        *sum = memory_alloc(sums->slices * sizeof(**sum));
    while (html_spread_next(&spread, &slice, &part))
        (*sum)[slice] += (double)part;
}

/* The last slice is over when the axis is. */
static double width_of(const struct sums *sums, size_t slice)
{
    uint64_t length = sums->curves->axis.end_ns - sums->curves->axis.start_ns;

    return slice + 1 < sums->slices ? (double)sums->width_ns
                                    : (double)(length - slice * sums->width_ns);
}

/* Means over slices, each at the middle of its slice. */
static void add_means(const struct sums *sums, const struct html_series *about, const double *sum)
{
    const struct curves *curves = sums->curves;
    struct html_series *series = html_document_series(curves->document, about, sums->slices);
    double start = seconds(curves, curves->axis.start_ns);

    for (size_t i = 0; i < sums->slices; i++) {
        double width = width_of(sums, i);
        series->time_s[i] = start + ((double)(i * sums->width_ns) + width / 2) / 1e9;
        series->value[i] = sum[i] / width;
    }
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
static struct waiting *rank_waits(const struct sums *sums, size_t *count)
{
    size_t labels = sums->curves->labels->count;
    struct waiting *found = memory_alloc((labels + 1) * sizeof(*found));

    *count = 0;
    for (uint32_t label = 0; label < labels; label++) {
        if (sums->waits[label] == NULL)
            continue;
        found[*count].label = label;
        for (size_t i = 0; i < sums->slices; i++)
            found[*count].ns += sums->waits[label][i];
        ++*count;
    }
    qsort(found, *count, sizeof(*found), compare_waiting);
    return found;
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

static void add_waits(const struct sums *sums)
{
    const struct labels *labels = sums->curves->labels;
    size_t count;
    struct waiting *waits = rank_waits(sums, &count);

    for (size_t w = 0; w < count; w++) {
        char *title = wait_title(labels->items[waits[w].label].name);
        char *name = memory_printf("wait: %s", title);
        add_means(sums,
                  &(struct html_series){.name = name,
                                        .title = title,
                                        .unit = "threads",
                                        .group = "waits",
                                        .label = metric_info(METRIC_OFFCPU)->label},
                  sums->waits[waits[w].label]);
        free(name);
        free(title);
    }
    free(waits);
}

static void add_activity(const struct curves *curves)
{
    const struct samples *samples = &curves->profile->samples;
    struct sums sums = {.curves = curves, .width_ns = html_spread_width(samples, curves->axis)};

    sums.slices = html_spread_slices(curves->axis, sums.width_ns);
    sums.cpu = memory_alloc(sums.slices * sizeof(*sums.cpu));
    sums.waits = memory_alloc((curves->labels->count + 1) * sizeof(*sums.waits));
    for (size_t i = 0; i < samples->count; i++)
        add_sample(&sums, &samples->items[i]);
    add_means(&sums,
              &(struct html_series){.name = "cpu",
                                    .title = "Processors in use",
                                    .unit = "cores",
                                    .group = "cpu",
                                    .label = metric_info(METRIC_CPU)->label},
              sums.cpu);
    add_waits(&sums);
    for (size_t label = 0; label < curves->labels->count; label++)
        free(sums.waits[label]);
    free(sums.waits);
    free(sums.cpu);
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

/* The moment that ends the interval which begins after moment `i`, or with the run: moments of brief
 * processes are so near each other that one sampled block would be gigabytes a second. */
static size_t rate_end(const struct curves *curves, const struct heap_timeline *timeline, size_t i)
{
    uint64_t least = (curves->axis.end_ns - curves->axis.start_ns) / RATES;
    uint64_t begin = i > 0 ? heap_timeline_at(timeline, i - 1) : 0;

    while (i + 1 < timeline->count && heap_timeline_at(timeline, i) - begin < least)
        i++;
    return i;
}

static void add_rate(const struct curves *curves, uint32_t process,
                     const struct heap_timeline *timeline)
{
    const struct profile_heap *heap = &curves->profile->processes[process].heap;
    uint64_t before = 0;
    double allocated = 0;
    size_t count = 0;

    for (size_t i = 0; i < timeline->count; i = rate_end(curves, timeline, i) + 1)
        count++;
    struct html_series *rate =
        of_process(curves,
                   (struct html_series){"allocation-rate", "Allocated per second", "bytes/s",
                                        "allocation", heap_label(heap), NULL, NULL, 0},
                   process, count);
    count = 0;
    for (size_t i = 0; i < timeline->count; i++) {
        i = rate_end(curves, timeline, i);
        uint64_t at = heap_timeline_at(timeline, i);
        double sum = timeline->moments[i].allocated_bytes.total;
        rate->time_s[count] = seconds(curves, timeline->start_ns + at);
        rate->value[count++] = at > before ? (sum - allocated) * 1e9 / (double)(at - before) : NAN;
        before = at;
        allocated = sum;
    }
}

/* Of a part of the recording there is no timeline: live blocks are those of the whole. */
static void add_heap(const struct curves *curves, uint32_t process)
{
    const struct profile_heap *heap = &curves->profile->processes[process].heap;
    const struct heap_timeline *timeline = heap->timeline;

    if (!heap->has_sites || timeline == NULL || heap->part || timeline->count == 0 ||
        timeline->start_ns > curves->axis.end_ns)
        return; /* the last: a process that began after the part that was asked for */
    struct html_series *live =
        of_process(curves,
                   (struct html_series){"heap-live", "Heap live", "bytes", "heap", heap_label(heap),
                                        NULL, NULL, 0},
                   process, timeline->count);
    for (size_t i = 0; i < timeline->count; i++) {
        live->time_s[i] = seconds(curves, timeline->start_ns + heap_timeline_at(timeline, i));
        live->value[i] = timeline->moments[i].live.total;
    }
    add_rate(curves, process, timeline);
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
                      const struct labels *labels, struct html_axis axis, uint64_t origin_ns)
{
    const struct curves curves = {document, profile, labels, axis, origin_ns};

    if (profile->samples.count > 0 && axis.end_ns > axis.start_ns)
        add_activity(&curves);
    add_memory(&curves);
}
