/*
 * The sections of `report` about memory. Its own file because the rest of the report
 * is about time.
 */
#include "analyzer/reports/heap_cells.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <math.h>
#include <stdlib.h>

#define MEMORY_WIDTH 10

/* "212 MiB (±3 %)"; "502 KiB (<=2.29 MiB)" where that says more than an error beyond all of it. */
#define INDENT 6 /* of the first screen's lines */

static char *bytes_text(const struct estimate *bytes, uint64_t interval)
{
    struct interval bounds = estimate_interval(bytes, estimate_missed_bytes(interval));
    double half = (bounds.high - bounds.low) / 2;

    struct unit_text total = units_bytes(llround(bytes->total));
    if (interval > 0 && half < bytes->total)
        return memory_printf("%s (±%s)", total.text, units_percent(half, bytes->total).text);
    if (interval > 0)
        return memory_printf("%s (<=%s)", total.text, units_bytes(llround(bounds.high)).text);
    return memory_strdup(total.text);
}

/* What a process has live when it calls exec is lost there, like at an end of its own. */
static void write_ends(const struct text_report *report, const char *live)
{
    const struct profile *profile = report->profile;
    size_t execs = 0;

    for (size_t i = 0; i < profile->process_count; i++)
        execs += profile->processes[i].image > 0;
    size_t ends = profile->process_count - execs;
    char *also = execs > 0 ? memory_printf(" and at %zu %s", execs, execs == 1 ? "exec" : "execs")
                           : memory_strdup("");
    fprintf(report->cells.out, "%*slive at the %s of %zu %s%s together %s\n", INDENT, "",
            ends == 1 ? "end" : "ends", ends, ends == 1 ? "process" : "processes", also, live);
    free(also);
}

/* "peak 212 MiB (±1 %) at 41 s, live at end 12.4 MiB (±3 %), sampled" */
static void write_peak(const struct text_report *report, const struct profile_process *process)
{
    const struct profile *profile = report->profile;
    uint64_t start = profile_start_ns(profile);
    uint64_t at = process->heap.peak_ns > start ? process->heap.peak_ns - start : 0;
    struct estimate live = {.total = 0};
    bool is_one = profile->process_count == 1;

    for (size_t i = 0; i < profile->process_count; i++)
        estimate_join(&live, &profile->processes[i].heap.live.bytes);
    char *peak = bytes_text(&process->heap.peak.bytes, process->heap.interval);
    char *end = bytes_text(&live, process->heap.interval);
    /* The peak is one process's, what was live at their ends all of theirs: often more. */
    char *first =
        is_one ? memory_printf("peak %s at %s, live at end %s, %s", peak,
                               units_duration((int64_t)at).text, end,
                               heap_quality(profile, false).text)
               : memory_printf("peak %s at %s in %s, %s", peak, units_duration((int64_t)at).text,
                               process->comm, heap_quality(profile, false).text);
    cells_wrap(&report->cells, first, INDENT, INDENT, CELL_PLAIN);
    if (!is_one)
        write_ends(report, end);
    fprintf(report->cells.out, "%*s", INDENT, "");
    free(first);
    free(end);
    free(peak);
}

static void write_counts(const struct text_report *report)
{
    const struct facts *facts = &report->facts;
    const struct memory_totals *memory = &facts->memory;
    FILE *out = report->cells.out;
    double rate =
        facts->wall_ns > 0 ? (double)memory->alloc_count * 1e9 / (double)facts->wall_ns : 0;

    fprintf(out, "%s %s", units_count((double)memory->alloc_count).text,
            memory->alloc_count == 1 ? "allocation" : "allocations");
    if (rate > 0)
        fprintf(out, " (%s/s)", units_count(rate).text);
    fprintf(out, ", %s allocated, %s freed (exact)\n",
            units_bytes((int64_t)memory->alloc_bytes).text,
            units_bytes((int64_t)memory->free_bytes).text);
}

/* Of a sampled heap, allocations were lost; of an exact one, events of either kind. */
static void write_lost(const struct text_report *report)
{
    const struct profile *profile = report->profile;
    uint64_t lost = 0, segments = 0;
    FILE *out = report->cells.out;

    for (size_t i = 0; i < profile->process_count; i++) {
        lost += profile->processes[i].heap.lost;
        segments += profile->processes[i].heap.segments_lost;
    }
    if (lost > 0 && profile_heap_interval(profile) > 0)
        fprintf(out, "      %s sampled allocations were lost: peak and live are too low\n",
                units_count((double)lost).text);
    else if (lost > 0)
        fprintf(out, "      %s events were lost: no figure is exact\n",
                units_count((double)lost).text);
    if (segments > 0)
        fprintf(out, "      %s segments of events are missing: no figure is exact\n",
                units_count((double)segments).text);
}

void text_heap(const struct text_report *report)
{
    const struct facts *facts = &report->facts;
    const struct profile_process *process = heap_highest(report->profile);
    FILE *out = report->cells.out;
    size_t processes = report->profile->process_count;

    cells_text(&report->cells, "Heap", 6, CELL_BOLD);
    if (facts->memory_processes == 0) {
        fprintf(out, "unavailable (%s)\n", facts_memory_reason(facts->root));
        return;
    }
    if (process != NULL)
        write_peak(report, process);
    write_counts(report);
    write_lost(report);
    if (facts->memory_processes < processes)
        fprintf(out, "      counted in %zu of %zu %s\n", facts->memory_processes, processes,
                processes > facts->processes ? "programs that processes ran" : "processes");
    if (facts->foreign_threads > 0)
        fprintf(out, "      without what %zu foreign %s did\n", facts->foreign_threads,
                facts->foreign_threads == 1 ? "thread" : "threads");
}

static int64_t allocated(const struct function *function)
{
    uint64_t bytes = function->memory.alloc_bytes;

    return bytes < INT64_MAX ? (int64_t)bytes : INT64_MAX;
}

void text_memory(const struct text_report *report)
{
    const struct cells *cells = &report->cells;
    size_t count;
    uint32_t *order = text_rank(&report->functions, allocated, &count);
    size_t shown = count < report->top ? count : report->top;
    struct text_widths widths = text_fit_columns(report, order, shown, 3 * MEMORY_WIDTH + 3);

    if (report->profile->heap_site_count > 0)
        count = shown = 0; /* told by stack already */
    if (count > 0) {
        cells_heading(cells, "Memory by function",
                      "estimate: bytes are charged to the next sample's leaf");
        cells_text(cells, "allocated", -MEMORY_WIDTH, CELL_DIM);
        cells_text(cells, "delta", -MEMORY_WIDTH, CELL_DIM);
        cells_text(cells, "allocs", -MEMORY_WIDTH, CELL_DIM);
        fputs("   ", cells->out);
        text_head_and_place(cells, widths);
    }
    for (size_t i = 0; i < shown; i++) {
        const struct function *function = &report->functions.items[order[i]];
        const struct memory_totals *memory = &function->memory;
        int64_t delta = function->self[METRIC_MEMORY_DELTA];
        cells_text(cells, units_bytes(allocated(function)).text, -MEMORY_WIDTH, CELL_PLAIN);
        cells_text(cells, units_bytes(delta).text, -MEMORY_WIDTH, CELL_PLAIN);
        cells_text(cells, units_count((double)memory->alloc_count).text, -MEMORY_WIDTH, CELL_PLAIN);
        fputs("   ", cells->out);
        text_name_and_place(cells, &report->functions.labels.items[function->label], widths);
    }
    text_more(cells, shown, count);
    free(order);
}
