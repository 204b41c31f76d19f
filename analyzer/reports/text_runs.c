/*
 * The sections of `report` about the run: threads, processes, clock and losses,
 * messages. Its own file beside text_functions.c, the sections about code.
 */
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <stdlib.h>

#define NAME_WIDTH 23
#define NUMBER_WIDTH 10

struct ordered {
    uint64_t cpu_ns;
    uint32_t number;
};

static int compare_ordered(const void *a, const void *b)
{
    const struct ordered *left = a, *right = b;

    if (left->cpu_ns != right->cpu_ns)
        return left->cpu_ns > right->cpu_ns ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

static void head(const struct cells *cells, const char *first, const char *const *rest)
{
    fputs("  ", cells->out);
    cells_text(cells, first, NAME_WIDTH - 2, CELL_DIM);
    for (; *rest != NULL; rest++)
        cells_text(cells, *rest, -NUMBER_WIDTH, CELL_DIM);
    fputc('\n', cells->out);
}

static void number_cell(const struct cells *cells, struct unit_text text)
{
    cells_text(cells, text.text, -NUMBER_WIDTH, CELL_PLAIN);
}

static void name_cell(const struct cells *cells, const char *name, int id)
{
    char *text = memory_printf("%s (%d)", name, id);

    fputs("  ", cells->out);
    cells_text(cells, text, NAME_WIDTH - 2, CELL_PLAIN);
    free(text);
}

static void write_thread(const struct text_report *report, const struct profile_thread *thread)
{
    const struct cells *cells = &report->cells;
    const struct memory_totals *memory = &thread->memory;

    name_cell(cells, thread->name, thread->tid);
    number_cell(cells, units_duration((int64_t)thread->cpu_ns));
    if (report->profile->processes[thread->process].has_memory && !thread->foreign) {
        number_cell(cells, units_count((double)memory->alloc_count));
        number_cell(cells, units_bytes((int64_t)memory->alloc_bytes));
        number_cell(cells, units_count((double)memory->free_count));
        number_cell(cells, units_bytes((int64_t)memory->free_bytes));
    } else {
        fputs(thread->foreign ? "   memory unavailable (foreign thread)" : "   memory unavailable",
              cells->out);
    }
    fputc('\n', cells->out);
}

void text_threads(const struct text_report *report)
{
    static const char *const columns[] = {"CPU", "allocs", "allocated", "frees", "freed", NULL};
    const struct profile *profile = report->profile;
    struct ordered *order = memory_alloc(profile->thread_count * sizeof(*order));
    size_t shown = profile->thread_count < report->top ? profile->thread_count : report->top;

    for (size_t i = 0; i < profile->thread_count; i++)
        order[i] = (struct ordered){profile->threads[i].cpu_ns, (uint32_t)i};
    qsort(order, profile->thread_count, sizeof(*order), compare_ordered);
    if (profile->thread_count > 0) {
        cells_heading(&report->cells, "Threads", "exact, by each thread's own clock and counters");
        head(&report->cells, "name (tid)", columns);
    }
    for (size_t i = 0; i < shown; i++)
        write_thread(report, &profile->threads[order[i].number]);
    text_more(&report->cells, shown, profile->thread_count);
    free(order);
}

static void write_process(const struct cells *cells, const struct facts *facts)
{
    name_cell(cells, facts->root->comm, facts->root->pid);
    number_cell(cells, units_duration((int64_t)facts->cpu_ns));
    number_cell(cells, units_duration((int64_t)facts->wall_ns));
    number_cell(cells, units_count((double)facts->threads));
    number_cell(cells, units_count((double)facts->samples));
    cells_text(cells, facts_end(facts->root).text, -NUMBER_WIDTH - 2, CELL_PLAIN);
    fputc('\n', cells->out);
}

void text_processes(const struct text_report *report)
{
    static const char *const columns[] = {"CPU", "wall", "threads", "samples", "end", NULL};
    size_t count = report->profile->process_count;
    struct facts *facts = facts_of_processes(report->profile);
    struct ordered *order = memory_alloc(count * sizeof(*order));
    size_t shown = count < report->top ? count : report->top;

    for (size_t i = 0; i < count; i++)
        order[i] = (struct ordered){facts[i].cpu_ns, (uint32_t)i};
    qsort(order, count, sizeof(*order), compare_ordered);
    if (count > 1) {
        cells_heading(&report->cells, "Processes", NULL);
        head(&report->cells, "command (pid)", columns);
        for (size_t i = 0; i < shown; i++)
            write_process(&report->cells, &facts[order[i].number]);
        text_more(&report->cells, shown, count);
    }
    if (report->facts.brief_children > 0)
        fprintf(report->cells.out, "%sand %s fork children that ended at once, %s CPU in all\n",
                count > 1 ? "  " : "\n", units_exact((int64_t)report->facts.brief_children).text,
                units_duration((int64_t)report->facts.brief_ns).text);
    free(order);
    free(facts);
}

static void count_line(const struct cells *cells, const char *name, uint64_t count, uint64_t whole)
{
    fprintf(cells->out, "  %-12s %s", name, units_exact((int64_t)count).text);
    if (count > 0 && whole > 0)
        fprintf(cells->out, " (%s)", units_percent((double)count, (double)whole).text);
    fputc('\n', cells->out);
}

/* What the trace says, if it does. */
static void text_line(const struct cells *cells, const char *name, const char *text)
{
    if (text == NULL)
        return;
    fprintf(cells->out, "  %-12s ", name);
    cells_wrap(cells, text, 15, 15, CELL_PLAIN);
}

void text_run_facts(const struct text_report *report)
{
    const struct cells *cells = &report->cells;
    const struct facts *facts = &report->facts;

    if (facts->root == NULL)
        return;
    cells_heading(cells, "Run", NULL);
    fprintf(cells->out, "  %-12s %s\n", "end", facts_end(facts->root).text);
    text_line(cells, "clock", facts->root->clock);
    text_line(cells, "unwinder", facts->root->unwinder);
    count_line(cells, "samples", facts->samples, 0);
    count_line(cells, "lost", facts->lost, facts->samples + facts->lost);
    count_line(cells, "truncated", facts->truncated, facts_stacks(facts));
    count_line(cells, "guessed", facts->guessed, facts_stacks(facts));
    count_line(cells, "broken", facts->broken, facts_stacks(facts));
    fprintf(cells->out, "  %-12s %s in %" PRIu64 " chunks, %" PRIu64 " damaged", "trace",
            units_bytes((int64_t)facts->bytes).text, facts->chunks, facts->chunks_damaged);
    bool all_blocks = report->profile->heap_site_count > 0 &&
                      profile_heap_interval(report->profile) == 0; /* most bytes are theirs */
    if (facts->samples > 0 && !all_blocks)
        fprintf(cells->out, ", %.1f bytes per sample",
                (double)facts->bytes / (double)facts->samples);
    fputc('\n', cells->out);
    if (facts->recovered_records > 0)
        count_line(cells, "recovered", facts->recovered_records, 0);
}

void text_messages(const struct text_report *report)
{
    const struct profile *profile = report->profile;

    if (profile->message_count > 0)
        cells_heading(&report->cells, "Messages", NULL);
    for (size_t i = 0; i < profile->message_count; i++) {
        fputs("  ", report->cells.out);
        cells_wrap(&report->cells, profile->messages[i], 2, 4, CELL_PLAIN);
    }
}
