/*
 * `report --all`: threads' time by the kernel's count. Its own file because it is there without any
 * hook, and without any sample.
 */
#include "analyzer/model/demand.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

#define UNAVAILABLE "n/a"

static int compare_threads(const void *a, const void *b, void *context)
{
    const struct profile *profile = context;
    const struct thread_time *left = &profile->threads[*(const uint32_t *)a].time;
    const struct thread_time *right = &profile->threads[*(const uint32_t *)b].time;

    if (left->runnable_ns != right->runnable_ns)
        return left->runnable_ns > right->runnable_ns ? -1 : 1;
    if (left->wall_ns != right->wall_ns)
        return left->wall_ns > right->wall_ns ? -1 : 1;
    return *(const uint32_t *)a > *(const uint32_t *)b ? 1 : -1;
}

static void time_cell(const struct cells *cells, bool is_known, uint64_t time_ns)
{
    text_narrow_cell(cells, is_known ? units_duration((int64_t)time_ns).text : UNAVAILABLE);
}

static void count_cell(const struct cells *cells, bool is_known, uint64_t count)
{
    text_narrow_cell(cells, is_known ? text_narrow_count(count).text : UNAVAILABLE);
}

static void write_thread(const struct text_report *report, uint32_t number)
{
    const struct cells *cells = &report->cells;
    const struct thread_time *time = &report->profile->threads[number].time;
    char *name = wait_text_thread(report->profile, number, 0);

    time_cell(cells, true, time->wall_ns);
    time_cell(cells, true, time->cpu_ns);
    time_cell(cells, time->has_runnable, time->runnable_ns);
    time_cell(cells, true, time->blocked_ns);
    count_cell(cells, time->has_switches, time->voluntary);
    count_cell(cells, time->has_switches, time->involuntary);
    count_cell(cells, time->has_migrations, time->migrations);
    fputs("  ", cells->out);
    char *shown = cells_elide(name, cells->columns - 7 * TEXT_NARROW_WIDTH - 2);
    fprintf(cells->out, "%s\n", shown);
    free(shown);
    free(name);
}

/* The sentence about processors that were not there. */
static void write_demand(const struct text_report *report)
{
    struct demand demand = demand_of(report->profile, SIZE_MAX);
    double wanted = demand.cpu + demand.runnable;
    char *text;

    if (!demand.is_short)
        return;
    if (demand.is_oversubscribed)
        text =
            memory_printf("oversubscribed: %zu threads wanted a processor half of their lives or "
                          "longer, and there are %zu; of the time they ran or were ready to, %s "
                          "was waiting for one",
                          demand.wanting, demand.cpus, units_percent(demand.runnable, wanted).text);
    else
        text =
            memory_printf("short of processors: of the time threads ran or were ready to, %s was "
                          "waiting for one: others on the machine had them, or all wanted one at "
                          "the same moments",
                          units_percent(demand.runnable, wanted).text);
    fputs("  ", report->cells.out);
    cells_wrap(&report->cells, text, 2, 2, CELL_PLAIN);
    free(text);
}

void text_scheduling(const struct text_report *report)
{
    static const char *const heads[] = {"wall",     "on-CPU", "runnable", "blocked",
                                        "given up", "lost",   "moves",    NULL};
    const struct profile *profile = report->profile;
    uint32_t *order = memory_alloc((profile->thread_count + 1) * sizeof(*order));
    size_t count = 0, i = 0;

    for (uint32_t t = 0; t < profile->thread_count; t++)
        if (profile->threads[t].time.known)
            order[count++] = t;
    if (count > 0) {
        qsort_r(order, count, sizeof(*order), compare_threads, (void *)profile);
        cells_heading(
            &report->cells, "Scheduling",
            "by the kernel; processors given up to wait, lost to others, moved to others");
        text_narrow_heads(&report->cells, heads, "name (tid)");
    }
    for (; i < count && i < report->top; i++)
        write_thread(report, order[i]);
    text_more(&report->cells, i, count);
    if (count > 0)
        write_demand(report);
    free(order);
}
