/*
 * `report --all`: what the machine, processes and threads used over time. Its own file because these
 * are series of numbers, of no function.
 */
#include "analyzer/model/resource_text.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/reports/resource_rows.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIGURE 11
#define LINE 18

/* --- the machine and processes ------------------------------------------------------ */

static void write_line(const struct cells *cells, const double *values)
{
    static const char *const levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double most = 0;

    if (!cells->blocks)
        return;
    for (size_t i = 0; i < LINE; i++)
        most = values[i] > most ? values[i] : most;
    fputs("  ", cells->out);
    for (size_t i = 0; i < LINE; i++) {
        double share = most > 0 && values[i] > 0 ? values[i] / most : 0;
        int level = (int)(share * 7.999);
        fputs(isnan(values[i]) ? " " : levels[level < 7 ? level : 7], cells->out);
    }
}

static unsigned line_width(const struct cells *cells)
{
    return cells->blocks ? LINE + 2 : 0;
}

static void write_row(const struct cells *cells, const struct resource_row *row)
{
    const char *unit = row->first->unit;
    size_t room = cells->columns - 3 * FIGURE - line_width(cells) - 2;
    char *name = resource_row_name(row);
    char *shown = cells_elide(name, room);

    cells_text(cells, resource_text(unit, row->mean).text, -FIGURE, CELL_PLAIN);
    cells_text(cells, resource_text(unit, row->least).text, -FIGURE, CELL_PLAIN);
    cells_text(cells, resource_text(unit, row->most).text, -FIGURE, CELL_PLAIN);
    write_line(cells, row->line);
    fprintf(cells->out, "  %s\n", shown);
    free(shown);
    free(name);
}

static void write_heads(const struct cells *cells, const char *last)
{
    cells_text(cells, "mean", -FIGURE, CELL_DIM);
    cells_text(cells, "least", -FIGURE, CELL_DIM);
    cells_text(cells, "most", -FIGURE, CELL_DIM);
    if (cells->blocks)
        cells_text(cells, "  over time", LINE + 2, CELL_DIM);
    fputs("  ", cells->out);
    cells_text(cells, last, (int)strlen(last), CELL_DIM);
    fputc('\n', cells->out);
}

/* "  WORDS: NAME, NAME" in as many lines as it takes. */
static void write_names(const struct cells *cells, const char *words, const char *names)
{
    char *text;

    if (*names == '\0')
        return;
    text = memory_printf("%s: %s", words, names);
    fputs("  ", cells->out);
    cells_wrap(cells, text, 2, 4, CELL_DIM);
    free(text);
}

/* Rows of one owner, then what stayed 0. */
static void write_rows(const struct cells *cells, const struct resource_rows *rows)
{
    char *still = memory_strdup("");

    for (size_t i = 0; i < rows->count; i++) {
        const struct resource_row *row = &rows->items[i];
        if (row->least != 0 || row->most != 0) {
            write_row(cells, row);
            continue;
        }
        char *name = resource_row_name(row);
        char *longer = memory_printf("%s%s%s", still, *still != '\0' ? ", " : "", name);
        free(name);
        free(still);
        still = longer;
    }
    write_names(cells, "0 all the time", still);
    free(still);
}

/* --- threads -------------------------------------------------------------------------- */

static double mean_of(const struct profile *profile, const char *name, uint32_t thread)
{
    const struct resource_series *series =
        resources_find(&profile->resources, name, NULL, RESOURCE_NOBODY, thread);

    if (series == NULL)
        return NAN;
    struct resource_summary sum = resource_summarise(series, 0, UINT64_MAX);
    return sum.known_s > 0 ? sum.mean : NAN;
}

static void write_mean(const struct cells *cells, const char *unit, double value, int width)
{
    cells_text(cells, isnan(value) ? "n/a" : resource_text(unit, value).text, -width, CELL_PLAIN);
}

static void write_thread(const struct text_report *report, const struct resource_row *row)
{
    const struct cells *cells = &report->cells;
    const struct profile *profile = report->profile;
    uint32_t thread = row->first->thread;
    char *name = wait_text_thread(profile, thread, 0);

    write_mean(cells, "%", row->mean, 8);
    write_mean(cells, "%", mean_of(profile, "thread.run-queue", thread), 9);
    write_mean(cells, "1/s", mean_of(profile, "thread.voluntary", thread), 9);
    write_mean(cells, "1/s", mean_of(profile, "thread.involuntary", thread), 9);
    write_line(cells, row->line);
    size_t used = 35 + line_width(cells) + 2;
    char *shown = cells_elide(name, cells->columns - used);
    fprintf(cells->out, "  %s\n", shown);
    free(shown);
    free(name);
}

static void write_threads(const struct text_report *report, struct resource_rows *rows)
{
    const struct cells *cells = &report->cells;
    size_t i = 0;

    if (rows->count == 0)
        return;
    resource_rows_rank(rows);
    fputc('\n', cells->out);
    cells_text(cells, "CPU", -8, CELL_DIM);
    cells_text(cells, "waiting", -9, CELL_DIM);
    cells_text(cells, "given up", -9, CELL_DIM);
    cells_text(cells, "lost", -9, CELL_DIM);
    if (cells->blocks)
        cells_text(cells, "  CPU over time", LINE + 2, CELL_DIM);
    fputs("  thread, by CPU time\n", cells->out);
    for (; i < rows->count && i < report->top; i++)
        write_thread(report, &rows->items[i]);
    text_more(cells, i, rows->count);
}

/* --- the section ------------------------------------------------------------------------- */

/* True if there was anything to write. */
static bool write_machine(const struct text_report *report, const struct resource_axis *axis,
                          const char *recording)
{
    char *head = recording != NULL ? memory_printf("the machine, in %s", recording)
                                   : memory_strdup("the machine");
    struct resource_rows rows;

    resource_rows_machine(&rows, report->profile, axis, recording);
    if (rows.count > 0)
        write_heads(&report->cells, head);
    write_rows(&report->cells, &rows);
    bool any = rows.count > 0;
    resource_rows_release(&rows);
    free(head);
    return any;
}

static void write_processes(const struct text_report *report, const struct resource_axis *axis,
                            bool is_first)
{
    const struct profile *profile = report->profile;
    size_t shown = 0, count = 0;

    for (uint32_t p = 0; p < profile->process_count; p++) {
        struct resource_rows rows;
        resource_rows_process(&rows, profile, axis, p);
        bool any = rows.count > 0;
        if (any && shown < report->top) {
            char *head =
                memory_printf("%s (%d)", profile->processes[p].comm, profile->processes[p].pid);
            char *clean = cells_elide(head, 30);
            if (!is_first || shown > 0)
                fputc('\n', report->cells.out);
            write_heads(&report->cells, clean);
            write_rows(&report->cells, &rows);
            free(clean);
            free(head);
            shown++;
        }
        count += any;
        resource_rows_release(&rows);
    }
    text_more(&report->cells, shown, count);
}

static void write_collector(const struct text_report *report)
{
    struct resource_collector collector = resource_collector_of(report->profile);

    if (collector.per_second > 0)
        fprintf(report->cells.out, "  %.3g looks a second", collector.per_second);
    if (collector.per_second > 0 && collector.cpu_percent >= 0)
        fprintf(report->cells.out, ", which took %.2g %% of one processor", collector.cpu_percent);
    if (collector.per_second > 0)
        fputc('\n', report->cells.out);
}

static void write_unavailable(const struct text_report *report)
{
    struct resource_reasons reasons;

    resource_reasons_init(&reasons, report->profile);
    if (reasons.count > 0)
        fputc('\n', report->cells.out);
    for (size_t i = 0; i < reasons.count; i++) {
        char *words = memory_printf("unavailable (%s)", reasons.items[i].reason);
        write_names(&report->cells, words, reasons.items[i].names);
        free(words);
    }
    resource_reasons_release(&reasons);
}

void text_resources(const struct text_report *report)
{
    const struct profile *profile = report->profile;
    const struct resource_axis axis = resource_axis_of(profile, LINE);
    struct resource_rows threads;
    bool any = false;

    if (profile->resources.count == 0)
        return;
    cells_heading(&report->cells, "Resources", "over the time that is known of each");
    for (size_t i = 0; i < profile->resources.count; i++)
        if (resource_rows_begin(profile, i))
            any |= write_machine(report, &axis, profile->resources.series[i].recording);
    write_processes(report, &axis, !any);
    resource_rows_threads(&threads, profile, &axis);
    write_threads(report, &threads);
    resource_rows_release(&threads);
    write_unavailable(report);
    write_collector(report);
}
