/*
 * The sections of `report` about the heap over time. Its own file because time belongs
 * to one process: the one whose heap was the highest is shown, --json has all.
 */
#include "analyzer/model/heap_trends.h"
#include "analyzer/reports/heap_cells.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <math.h>
#include <stdlib.h>

#define NAME_WIDTH 20
#define LINE_MOST 60 /* columns */
#define TREND_FIGURE 9
#define TREND_LINE 16
#define TREND_WORD 7
#define THREADS_SHOWN 8

/* --- the process ----------------------------------------------------------------- */

static unsigned line_width(const struct cells *cells)
{
    unsigned room = cells->columns > NAME_WIDTH + 22 ? cells->columns - NAME_WIDTH - 22 : 20;

    return room < LINE_MOST ? room : LINE_MOST;
}

static double seconds_of(const struct heap_timeline *timeline, size_t moment)
{
    uint64_t before = moment > 0 ? heap_timeline_at(timeline, moment - 1) : 0;
    uint64_t length = heap_timeline_at(timeline, moment) - before;

    return (double)(length > 0 ? length : timeline->width_ns) / 1e9;
}

/* Per second in each interval; free(). */
static double *rates(const struct heap_timeline *timeline, size_t offset)
{
    double *values = memory_alloc((timeline->count + 1) * sizeof(*values));
    double before = 0;

    for (size_t i = 0; i < timeline->count; i++) {
        const struct estimate *sum =
            (const struct estimate *)((const char *)&timeline->moments[i] + offset);
        values[i] = (sum->total - before) / seconds_of(timeline, i);
        before = sum->total;
    }
    return values;
}

static size_t highest_of(const double *values, size_t count)
{
    size_t most = 0;

    for (size_t i = 1; i < count; i++)
        if (values[i] > values[most])
            most = i;
    return most;
}

/* `share` of the whole time is covered by the values. */
static void write_line(const struct cells *cells, const char *name, const double *values,
                       size_t count, double share, const char *remark)
{
    unsigned width = line_width(cells), used = (unsigned)lround(share * width);

    fputs("  ", cells->out);
    cells_text(cells, name, NAME_WIDTH - 3, CELL_PLAIN);
    fputc(' ', cells->out);
    heap_line(cells, values, count, used, 0);
    fprintf(cells->out, "%*s  %s\n", (int)(width - used), "", remark);
}

/* What was live at each moment, free(); at the one after the heap's highest as much as that,
 * which was often over before anybody looked. */
static double *live_of(const struct profile_heap *heap)
{
    const struct heap_timeline *timeline = heap->timeline;
    double *live = memory_alloc((timeline->count + 1) * sizeof(*live));
    uint64_t at = heap->peak_ns > timeline->start_ns ? heap->peak_ns - timeline->start_ns : 0;
    size_t high = 0;

    for (size_t i = 0; i < timeline->count; i++)
        live[i] = timeline->moments[i].live.total;
    while (high + 1 < timeline->count && heap_timeline_at(timeline, high) < at)
        high++;
    live[high] = fmax(live[high], heap->peak.bytes.total);
    return live;
}

static void write_process(const struct cells *cells, const struct profile_heap *heap)
{
    const struct heap_timeline *timeline = heap->timeline;
    double *live = live_of(heap);
    double *bytes = rates(timeline, offsetof(struct timeline_moment, allocated_bytes));
    double *count = rates(timeline, offsetof(struct timeline_moment, allocated_count));
    char text[64];

    snprintf(text, sizeof(text), "<= %s",
             units_bytes(llround(live[highest_of(live, timeline->count)])).text);
    write_line(cells, "live", live, timeline->count, 1, text);
    snprintf(text, sizeof(text), "<= %s/s",
             units_bytes(llround(bytes[highest_of(bytes, timeline->count)])).text);
    write_line(cells, "allocated", bytes, timeline->count, 1, text);
    snprintf(text, sizeof(text), "<= %s/s",
             units_count(count[highest_of(count, timeline->count)]).text);
    write_line(cells, "allocations", count, timeline->count, 1, text);
    free(count);
    free(bytes);
    free(live);
}

/* --- its threads ------------------------------------------------------------------ */

struct thread_order {
    double allocated;
    uint32_t number; /* in the timeline */
};

static int compare(const void *a, const void *b)
{
    const struct thread_order *left = a, *right = b;

    if (left->allocated != right->allocated)
        return left->allocated > right->allocated ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

static void write_thread(const struct cells *cells, const struct profile_thread *thread,
                         const struct heap_timeline *timeline, const struct timeline_thread *heap)
{
    size_t points = heap_timeline_points(timeline);
    double seconds = (double)(timeline->width_ns * TIMELINE_STRIDE) / 1e9;
    double values[TIMELINE_POINTS] = {0};
    char remark[64];
    char *name = memory_printf("%s (%d)", thread->name, thread->tid);

    for (size_t p = 0; p < points; p++)
        values[p] = (heap->allocated[p] - (p > 0 ? heap->allocated[p - 1] : 0)) / seconds;
    snprintf(remark, sizeof(remark), "<= %s/s",
             units_bytes(llround(values[highest_of(values, points)])).text);
    double share = (double)(points * TIMELINE_STRIDE) / (double)timeline->count;
    write_line(cells, name, values, points, fmin(share, 1), remark);
    free(name);
}

static uint32_t first_thread(const struct profile *profile, uint32_t process)
{
    uint32_t first = 0;

    while (first < profile->thread_count && profile->threads[first].process != process)
        first++;
    return first;
}

static void write_threads(const struct text_report *report, uint32_t process)
{
    const struct profile *profile = report->profile;
    const struct heap_timeline *timeline = profile->processes[process].heap.timeline;
    size_t points = heap_timeline_points(timeline);
    uint32_t first = first_thread(profile, process);
    struct thread_order *order = memory_alloc((timeline->thread_count + 1) * sizeof(*order));
    size_t count = 0;

    for (size_t i = 0; i < timeline->thread_count && points > 0; i++)
        if (timeline->threads[i].allocated[points - 1] > 0)
            order[count++] =
                (struct thread_order){timeline->threads[i].allocated[points - 1], (uint32_t)i};
    qsort(order, count, sizeof(*order), compare);
    if (count > 1)
        fputs("  allocated by thread\n", report->cells.out);
    for (size_t i = 0; i < count && i < THREADS_SHOWN && count > 1; i++)
        write_thread(&report->cells, &profile->threads[first + order[i].number], timeline,
                     &timeline->threads[order[i].number]);
    text_more(&report->cells, count > 1 && count > THREADS_SHOWN ? THREADS_SHOWN : count, count);
    free(order);
}

static char *title_of(const struct profile *profile, const char *what,
                      const struct profile_process *process)
{
    if (profile->process_count == 1)
        return memory_strdup(what);
    return memory_printf("%s, %s (%d)", what, process->comm, process->pid);
}

void text_heap_time(const struct text_report *report)
{
    const struct profile *profile = report->profile;
    const struct profile_process *process = heap_highest(profile);

    if (process == NULL || process->heap.timeline == NULL || process->heap.part)
        return;
    const struct heap_timeline *timeline = process->heap.timeline;
    uint64_t start_ns = profile_start_ns(profile);
    uint64_t from = timeline->start_ns > start_ns ? timeline->start_ns - start_ns : 0;
    char *title = title_of(profile, "Heap over time", process);
    char *note = memory_printf(
        "%s to %s; %s", units_duration((int64_t)from).text,
        units_duration((int64_t)(from + heap_timeline_at(timeline, timeline->count - 1))).text,
        heap_quality(profile, false).text);

    cells_heading(&report->cells, title, note);
    write_process(&report->cells, &process->heap);
    write_threads(report, (uint32_t)(process - profile->processes));
    free(note);
    free(title);
}

/* --- what grows -------------------------------------------------------------------- */

static void write_trend(const struct text_report *report, const struct heap_trends *trends,
                        uint32_t label, uint64_t interval, struct text_widths widths)
{
    const struct cells *cells = &report->cells;
    const struct heap_trend *trend = &trends->items[label];
    char error[32];

    cells_text(cells, units_bytes(llround(trend->first)).text, -TREND_FIGURE, CELL_PLAIN);
    cells_text(cells, units_bytes(llround(trend->last)).text, -TREND_FIGURE, CELL_PLAIN);
    cells_text(cells, units_bytes(llround(trend->growth / trends->apart_s)).text, -TREND_FIGURE,
               CELL_PLAIN);
    if (interval > 0) {
        snprintf(error, sizeof(error), "±%.0f %%", 100 * trend->error / trend->growth);
        cells_text(cells, error, -HEAP_ERROR, CELL_DIM);
    }
    fputs("  ", cells->out);
    heap_line(cells, trend->live, trends->points, TREND_LINE, 0);
    fputs("  ", cells->out);
    cells_text(cells, heap_trend_name(trend->kind), TREND_WORD, CELL_PLAIN);
    text_name_and_place(cells, &report->functions.labels.items[label], widths);
}

static void write_trends(const struct text_report *report, const struct heap_trends *trends,
                         uint64_t interval)
{
    const struct cells *cells = &report->cells;
    size_t count;
    uint32_t *order = heap_trends_rank(trends, &count);
    size_t shown = count < report->top ? count : report->top;
    unsigned used = 2 * TREND_FIGURE + heap_width(interval) + TREND_LINE + TREND_WORD + 4;
    struct text_widths widths = text_fit_columns(report, order, shown, used);

    if (trends->points < HEAP_TREND_POINTS) {
        fputs("  the run was too short to tell\n", cells->out);
    } else if (count == 0) {
        fprintf(cells->out, "  no function's%s\n", interval > 0 ? ", by more than chance" : "");
    } else {
        cells_text(cells, "first", -TREND_FIGURE, CELL_DIM);
        cells_text(cells, "last", -TREND_FIGURE, CELL_DIM);
        heap_head(cells, "growth/s", interval);
        cells_text(cells, "  over time", TREND_LINE + 4, CELL_DIM);
        cells_text(cells, "how", TREND_WORD, CELL_DIM);
        text_head_and_place(cells, widths);
    }
    for (size_t i = 0; i < shown; i++)
        write_trend(report, trends, order[i], interval, widths);
    text_more(cells, shown, count);
    free(order);
}

void text_heap_growth(const struct text_report *report)
{
    const struct profile *profile = report->profile;
    const struct profile_process *process = heap_highest(profile);
    struct heap_trends trends;

    if (process == NULL || process->heap.timeline == NULL)
        return;
    char *title = title_of(profile, "Live memory that grew", process);
    char *note = memory_printf("first against last third of the time; %s",
                               heap_quality(profile, false).text);
    heap_trends_init(&trends, profile, &report->functions.labels,
                     (uint32_t)(process - profile->processes));
    cells_heading(&report->cells, title, note);
    write_trends(report, &trends, process->heap.interval);
    heap_trends_release(&trends);
    free(note);
    free(title);
}
