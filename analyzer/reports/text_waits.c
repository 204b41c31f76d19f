/*
 * `report --all`: what threads waited in, by kind, and how much of the time off the processor
 * nobody saw. Its own file beside those about locks, input and output, wake-ups.
 */
#include "analyzer/model/wait_coverage.h"
#include "analyzer/model/wait_rows.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"

#include <stdlib.h>

#define NUMBER_WIDTH 10
#define NARROW_EXACT 1000000u

void text_wait_cell(const struct cells *cells, const char *text)
{
    cells_text(cells, text, -NUMBER_WIDTH, CELL_PLAIN);
}

void text_narrow_cell(const struct cells *cells, const char *text)
{
    cells_text(cells, text, -TEXT_NARROW_WIDTH, CELL_PLAIN);
}

struct unit_text text_narrow_count(uint64_t count)
{
    return count < NARROW_EXACT ? units_exact((int64_t)count) : units_count((double)count);
}

static void write_heads(const struct cells *cells, const char *const *heads, int width,
                        const char *last)
{
    for (; *heads != NULL; heads++)
        cells_text(cells, *heads, -width, CELL_DIM);
    fputs("  ", cells->out);
    cells_text(cells, last, (int)utf8_length(last), CELL_DIM);
    fputc('\n', cells->out);
}

void text_wait_heads(const struct cells *cells, const char *const *heads, const char *last)
{
    write_heads(cells, heads, NUMBER_WIDTH, last);
}

void text_narrow_heads(const struct cells *cells, const char *const *heads, const char *last)
{
    write_heads(cells, heads, TEXT_NARROW_WIDTH, last);
}

void text_wait_sums(const struct cells *cells, const struct wait_sums *sums)
{
    text_wait_cell(cells, units_duration((int64_t)sums->blocked_ns).text);
    text_wait_cell(cells, units_duration((int64_t)sums->total_ns).text);
    bool counted = sums->count + sums->open > 0; /* else looks found it */
    text_wait_cell(cells, counted ? units_duration((int64_t)sums->longest_ns).text : "-");
    text_wait_cell(cells, counted ? units_exact((int64_t)(sums->count + sums->open)).text : "-");
    fputs("  ", cells->out);
}

/* The longest threshold of the processes: what is shorter is not told of. */
static char *threshold_note(const struct profile *profile)
{
    uint64_t threshold_ns = 0;

    for (size_t i = 0; i < profile->process_count; i++) {
        const char *text = profile_property(&profile->processes[i], "wait_threshold_ns");
        uint64_t one_ns = text != NULL ? strtoull(text, NULL, 10) : 0;
        threshold_ns = one_ns > threshold_ns ? one_ns : threshold_ns;
    }
    return memory_printf("calls of %s and more; blocked: in them, neither running nor ready to; "
                         "waits -: seen by looks",
                         units_duration((int64_t)threshold_ns).text);
}

static void write_unseen(const struct text_report *report)
{
    struct wait_coverage seen = wait_coverage_of(report->profile);
    double blocked = (double)seen.blocked;

    if (seen.blocked == 0)
        return;
    struct unit_text in_looks = units_percent((double)seen.looked, blocked);
    bool worth_looking = seen.looked == 0 && seen.unplaced > seen.blocked / 20;
    char *text =
        memory_printf("of %s blocked by the kernel's count %s in these calls%s%s%s, %s of no "
                      "known place%s",
                      units_duration((int64_t)seen.blocked).text,
                      units_percent((double)seen.hooked, blocked).text, seen.looked > 0 ? ", " : "",
                      seen.looked > 0 ? in_looks.text : "",
                      seen.looked > 0 ? " found elsewhere by looks at the threads" : "",
                      units_percent((double)seen.unplaced, blocked).text,
                      worth_looking ? " (--clock wall finds out where)" : "");
    fputs("  ", report->cells.out);
    cells_wrap(&report->cells, text, 2, 2, CELL_PLAIN);
    free(text);
}

void text_waits(const struct text_report *report)
{
    static const char *const heads[] = {"blocked", "in calls", "longest", "waits", NULL};
    const struct cells *cells = &report->cells;
    struct wait_rows rows;

    if (!profile_has_metric(report->profile, METRIC_LOCK_WAIT))
        return;
    wait_rows_init(&rows, report->profile, WAIT_BY_KIND, NULL, NULL);
    char *note = threshold_note(report->profile);
    cells_heading(cells, "Waits", note);
    free(note);
    if (rows.count > 0)
        text_wait_heads(cells, heads, "kind");
    else
        fputs("  none\n", cells->out);
    for (size_t i = 0; i < rows.count; i++) {
        const struct wait_row *row = &rows.rows[i];
        text_wait_sums(cells, &row->sums);
        fprintf(cells->out, "%s%s\n", wait_kind_name(row->one->kind),
                row->sums.open > 0 ? ", not all over at the end" : "");
    }
    write_unseen(report);
    wait_rows_release(&rows);
}
