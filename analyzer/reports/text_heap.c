/*
 * The sections of `report` about memory. Its own file because the rest of the report
 * is about time.
 */
#include "analyzer/model/heap_functions.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <math.h>
#include <stdlib.h>

#define MEMORY_WIDTH 10
#define ERROR_WIDTH 9

/* Half of the interval's width against the value: "+-3 %"; "exact" where every block is
 * known; of a total of 0, what it is at most. */
static struct unit_text error_text(const struct estimate *estimate, uint64_t interval)
{
    struct interval bounds = estimate_interval(estimate, (double)interval);
    double half = (bounds.high - bounds.low) / 2;
    struct unit_text text = {"exact"};

    if (interval > 0 && estimate->total > 0)
        snprintf(text.text, sizeof(text.text), "+-%.24s",
                 units_percent(half, estimate->total).text);
    else if (interval > 0)
        snprintf(text.text, sizeof(text.text), "<=%.24s", units_bytes(llround(bounds.high)).text);
    return text;
}

/* The process whose heap was the highest. */
static const struct profile_process *highest(const struct profile *profile)
{
    const struct profile_process *most = NULL;

    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        if (process->heap.peak_ns != 0 &&
            (most == NULL || process->heap.peak.bytes.total > most->heap.peak.bytes.total))
            most = process;
    }
    return most;
}

/* "peak 212 MiB at 41 s, live at end 12.4 MiB (+-3 %), " */
static void write_peak(const struct text_report *report, const struct profile_process *process)
{
    const struct profile *profile = report->profile;
    uint64_t start = profile_start_ns(profile);
    uint64_t at = process->heap.peak_ns > start ? process->heap.peak_ns - start : 0;
    struct estimate live = {.total = 0};

    for (size_t i = 0; i < profile->process_count; i++)
        estimate_join(&live, &profile->processes[i].heap.live.bytes);
    fprintf(report->cells.out, "peak %s at %s",
            units_bytes(llround(process->heap.peak.bytes.total)).text,
            units_duration((int64_t)at).text);
    if (profile->process_count > 1)
        fprintf(report->cells.out, " in %s", process->comm);
    fprintf(report->cells.out, ", live at end %s (%s), ", units_bytes(llround(live.total)).text,
            error_text(&live, process->heap.interval).text);
}

static void write_counts(const struct text_report *report, bool brief)
{
    const struct facts *facts = &report->facts;
    const struct memory_totals *memory = &facts->memory;
    FILE *out = report->cells.out;
    double rate =
        facts->wall_ns > 0 ? (double)memory->alloc_count * 1e9 / (double)facts->wall_ns : 0;

    if (brief) {
        fprintf(out, "%s allocations/s\n", units_count(rate).text);
        return;
    }
    fprintf(out, "%s allocations", units_count((double)memory->alloc_count).text);
    if (rate > 0)
        fprintf(out, " (%s/s)", units_count(rate).text);
    fprintf(out, ", %s allocated, %s freed (exact)\n",
            units_bytes((int64_t)memory->alloc_bytes).text,
            units_bytes((int64_t)memory->free_bytes).text);
}

void text_heap(const struct text_report *report)
{
    const struct facts *facts = &report->facts;
    const struct profile_process *process = highest(report->profile);
    FILE *out = report->cells.out;
    size_t processes = report->profile->process_count;
    uint64_t lost = 0;

    for (size_t i = 0; i < processes; i++)
        lost += report->profile->processes[i].heap.lost;
    cells_text(&report->cells, "Heap", 6, CELL_BOLD);
    if (facts->memory_processes == 0) {
        fprintf(out, "unavailable (%s)\n", facts_memory_reason(facts->root));
        return;
    }
    if (process != NULL)
        write_peak(report, process);
    write_counts(report, process != NULL);
    if (lost > 0)
        fprintf(out, "      %s sampled allocations were lost: peak and live are too low\n",
                units_count((double)lost).text);
    if (facts->memory_processes < processes)
        fprintf(out, "      counted in %zu of %zu processes\n", facts->memory_processes, processes);
    if (facts->foreign_threads > 0)
        fprintf(out, "      without what %zu foreign threads did\n", facts->foreign_threads);
}

static int64_t live_bytes(const struct function *function)
{
    return function->self[METRIC_LIVE_BYTES];
}

static int64_t alloc_bytes(const struct function *function)
{
    return function->self[METRIC_ALLOC_BYTES];
}

/* A table of functions by one amount of theirs. */
struct heap_table {
    const char *title, *note;
    int64_t (*rank)(const struct function *function);
    size_t amount;      /* offset of it in struct heap_site */
    const char *extra;  /* heading of the last column of figures */
    enum metric column; /* what stands there, total */
};

static const struct heap_amount *amount_of(const struct heap_site *site,
                                           const struct heap_table *table)
{
    return (const struct heap_amount *)((const char *)site + table->amount);
}

static void write_row(const struct text_report *report, const struct heap_table *table,
                      const struct heap_function *heap, const struct function *function)
{
    const struct cells *cells = &report->cells;
    const struct heap_amount *self = amount_of(&heap->self, table);
    const struct heap_amount *total = amount_of(&heap->total, table);
    uint64_t interval = highest(report->profile)->heap.interval;

    cells_text(cells, units_bytes(llround(self->bytes.total)).text, -MEMORY_WIDTH, CELL_PLAIN);
    cells_text(cells, error_text(&self->bytes, interval).text, -ERROR_WIDTH, CELL_DIM);
    cells_text(cells, units_bytes(llround(total->bytes.total)).text, -MEMORY_WIDTH, CELL_PLAIN);
    cells_text(cells, units_count((double)function->total[table->column]).text, -MEMORY_WIDTH,
               CELL_PLAIN);
    fputs("   ", cells->out);
}

static void write_table(const struct text_report *report, const struct heap_table *table,
                        const struct heap_function *heap)
{
    const struct cells *cells = &report->cells;
    size_t count;
    uint32_t *order = text_rank(&report->functions, table->rank, &count);
    size_t shown = count < report->top ? count : report->top;
    struct text_widths widths =
        text_fit_columns(report, order, shown, 3 * MEMORY_WIDTH + ERROR_WIDTH + 3);

    if (count > 0) {
        cells_heading(cells, table->title, table->note);
        cells_text(cells, "self", -MEMORY_WIDTH, CELL_DIM);
        cells_text(cells, "", -ERROR_WIDTH, CELL_DIM);
        cells_text(cells, "total", -MEMORY_WIDTH, CELL_DIM);
        cells_text(cells, table->extra, -MEMORY_WIDTH, CELL_DIM);
        fputs("   ", cells->out);
        text_head_and_place(cells, widths);
    }
    for (size_t i = 0; i < shown; i++) {
        const struct function *function = &report->functions.items[order[i]];
        write_row(report, table, &heap[order[i]], function);
        text_name_and_place(cells, &report->functions.labels.items[function->label], widths);
    }
    text_more(cells, shown, count);
    free(order);
}

void text_heap_functions(const struct text_report *report)
{
    static const struct heap_table live = {"Memory live at the end",
                                           "who keeps it; sampled, 95 % intervals",
                                           live_bytes,
                                           offsetof(struct heap_site, live),
                                           "blocks",
                                           METRIC_LIVE_COUNT};
    static const struct heap_table churn = {
        "Memory allocated", "who churns; temporary: freed before the next one",
        alloc_bytes,        offsetof(struct heap_site, allocated),
        "temporary",        METRIC_TEMPORARY_COUNT};
    struct heap_function *heap = heap_functions_new(report->profile, &report->functions.labels);

    write_table(report, &live, heap);
    write_table(report, &churn, heap);
    free(heap);
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
