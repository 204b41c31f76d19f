/*
 * The tables of `report` about who allocates: who keeps memory, who churns, who makes
 * blocks larger. Its own file beside text_heap.c, which is about how much there is.
 */
#include "analyzer/model/heap_functions.h"
#include "analyzer/reports/heap_cells.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <math.h>
#include <stdlib.h>

#define CHAIN_WIDTH 9
#define HEAP_PATHS 8

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
    const char *title, *note, *note_of_window;
    bool detail;         /* what "sampled" means, in the first table */
    const char *nothing; /* instead of an empty table */
    int64_t (*rank)(const struct function *function);
    size_t amount; /* offset of it in struct heap_site */
    size_t count;  /* likewise of what is counted beside it */
    const char *count_head;
};

static const void *at(const struct heap_site *site, size_t offset)
{
    return (const char *)site + offset;
}

static void write_row(const struct text_report *report, const struct heap_table *table,
                      const struct heap_function *heap, uint64_t interval)
{
    const struct cells *cells = &report->cells;
    const struct heap_amount *self = at(&heap->self, table->amount);
    const struct heap_amount *total = at(&heap->total, table->amount);

    heap_bytes(cells, &self->bytes, interval);
    heap_bytes(cells, &total->bytes, interval);
    heap_count(cells, at(&heap->self, table->count), interval);
    fputs("  ", cells->out);
}

static void write_table(const struct text_report *report, const struct heap_table *table,
                        const struct heap_function *heap)
{
    const struct cells *cells = &report->cells;
    uint64_t interval = profile_heap_interval(report->profile);
    size_t count;
    uint32_t *order = text_rank(&report->functions, table->rank, &count);
    size_t shown = count < report->top ? count : report->top;
    struct text_widths widths =
        text_fit_columns(report, order, shown, 3 * heap_width(interval) + 2);
    char *note =
        memory_printf("%s; %s", report->profile->is_window ? table->note_of_window : table->note,
                      heap_quality(report->profile, table->detail).text);

    cells_heading(cells, table->title, note);
    if (count == 0) {
        fprintf(cells->out, "  %s\n", interval > 0 ? "nothing was met" : table->nothing);
    } else {
        heap_head(cells, "self", interval);
        heap_head(cells, "total", interval);
        heap_head(cells, table->count_head, interval);
        fputs("  ", cells->out);
        text_head_and_place(cells, widths);
    }
    for (size_t i = 0; i < shown; i++) {
        const struct function *function = &report->functions.items[order[i]];
        write_row(report, table, &heap[order[i]], interval);
        text_name_and_place(cells, &report->functions.labels.items[function->label], widths);
    }
    text_more(cells, shown, count);
    free(note);
    free(order);
}

/* Functions that allocate are often wrappers: who called them tells more. */
static void write_paths(const struct text_report *report, enum metric metric, const char *title,
                        const char *head)
{
    uint64_t interval = profile_heap_interval(report->profile);
    char *note =
        memory_printf("whole stacks by bytes, %s%s", heap_quality(report->profile, false).text,
                      interval > 0 ? "; ±: at most, few: under 4 samples" : "");

    text_paths(report,
               &(struct text_paths){metric, title, note, head, HEAP_PATHS, (double)interval});
    free(note);
}

void text_heap_functions(const struct text_report *report)
{
    static const struct heap_table live = {
        .title = "Memory live at the end",
        .note = "who keeps it",
        .note_of_window = "allocated in this part, and at its end still there",
        .detail = true,
        .nothing = "nothing: whatever was allocated was freed",
        .rank = live_bytes,
        .amount = offsetof(struct heap_site, live.count),
        .count = offsetof(struct heap_site, live.count),
        .count_head = "blocks",
    };
    static const struct heap_table churn = {
        .title = "Memory allocated",
        .note = "who churns; temporary: freed before the next one",
        .note_of_window = "who churned in this part; temporary: freed before the next one",
        .nothing = "nothing was allocated",
        .rank = alloc_bytes,
        .amount = offsetof(struct heap_site, allocated.count),
        .count = offsetof(struct heap_site, temporary),
        .count_head = "temporary",
    };
    struct heap_function *heap;

    if (!profile_has_metric(report->profile, METRIC_ALLOC_BYTES))
        return;
    heap = heap_functions_new(report->profile, &report->functions.labels);
    write_table(report, &live, heap);
    write_paths(report, METRIC_LIVE_BYTES, "Paths that keep memory", "live");
    write_table(report, &churn, heap);
    write_paths(report, METRIC_ALLOC_BYTES, "Paths that allocate", "alloc.");
    free(heap);
}

/* --- who makes blocks larger ---------------------------------------------------- */

struct ranked {
    double copied;
    uint32_t label;
};

static int compare(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;

    if (left->copied != right->copied)
        return left->copied > right->copied ? -1 : 1;
    return (left->label > right->label) - (left->label < right->label);
}

/* Labels that resize, by falling bytes copied; free(). */
static uint32_t *rank_chains(const struct text_report *report, const struct heap_function *heap,
                             size_t *count)
{
    struct ranked *order = memory_alloc((report->functions.count + 1) * sizeof(*order));
    uint32_t *labels = memory_alloc((report->functions.count + 1) * sizeof(*labels));

    *count = 0;
    for (size_t i = 0; i < report->functions.count; i++)
        if (heap[i].chains.resizes.total > 0)
            order[(*count)++] = (struct ranked){heap[i].chains.copied.total, (uint32_t)i};
    qsort(order, *count, sizeof(*order), compare);
    for (size_t i = 0; i < *count; i++)
        labels[i] = order[i].label;
    free(order);
    return labels;
}

static void chain_cell(const struct cells *cells, const char *text)
{
    cells_text(cells, text, -CHAIN_WIDTH, CELL_PLAIN);
}

/* What is known of chains: where every block is. */
static void write_chains(const struct cells *cells, const struct heap_chain_sums *sums)
{
    uint64_t mean = sums->chains > 0 ? sums->final_bytes / sums->chains : 0;

    chain_cell(cells, units_count((double)sums->chains).text);
    chain_cell(cells, units_count((double)sums->longest).text);
    chain_cell(cells, units_bytes((int64_t)mean).text);
    chain_cell(cells, units_bytes((int64_t)sums->worst_copied).text);
}

static void write_chain_heads(const struct cells *cells, uint64_t interval)
{
    static const char *const heads[] = {"chains", "longest", "end size", "worst"};

    heap_head(cells, "resizes", interval);
    heap_head(cells, "copied", interval);
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]) && interval == 0; i++)
        cells_text(cells, heads[i], -CHAIN_WIDTH, CELL_DIM);
    fputs("  ", cells->out);
}

static void write_chain_rows(const struct text_report *report, const struct heap_function *heap,
                             const uint32_t *order, size_t count)
{
    const struct cells *cells = &report->cells;
    uint64_t interval = profile_heap_interval(report->profile);
    size_t shown = count < report->top ? count : report->top;
    unsigned used = 2 * heap_width(interval) + (interval == 0 ? 4 * CHAIN_WIDTH : 0) + 2;
    struct text_widths widths = text_fit_columns(report, order, shown, used);

    write_chain_heads(cells, interval);
    text_head_and_place(cells, widths);
    for (size_t i = 0; i < shown; i++) {
        const struct heap_chain_sums *sums = &heap[order[i]].chains;
        heap_count(cells, &sums->resizes, interval);
        heap_bytes(cells, &sums->copied, interval);
        if (interval == 0)
            write_chains(cells, sums);
        fputs("  ", cells->out);
        text_name_and_place(cells, &report->functions.labels.items[order[i]], widths);
    }
    text_more(cells, shown, count);
}

void text_heap_chains(const struct text_report *report)
{
    const struct cells *cells = &report->cells;
    uint64_t interval = profile_heap_interval(report->profile);
    struct heap_function *heap;
    size_t count;

    if (!profile_has_metric(report->profile, METRIC_ALLOC_BYTES))
        return;
    heap = heap_functions_new(report->profile, &report->functions.labels);
    uint32_t *order = rank_chains(report, heap, &count);
    char *note = memory_printf("%s; %s",
                               interval > 0 ? "copied: at most"
                                            : "chain: one block's resizes; copied, worst: at most",
                               heap_quality(report->profile, false).text);
    cells_heading(cells, "Resized by realloc", note);
    if (count == 0)
        fprintf(cells->out, "  %s\n", interval > 0 ? "nothing was met" : "nothing");
    else
        write_chain_rows(report, heap, order, count);
    free(note);
    free(order);
    free(heap);
}
