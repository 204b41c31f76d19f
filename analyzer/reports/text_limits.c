/*
 * `report --all`: what limits the program, and what may be done about it. Its own file because it
 * only words what model/ and insight/ found.
 */
#include "analyzer/model/recommendation.h"
#include "analyzer/model/time_shares.h"
#include "analyzer/model/wait_rows.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/reports/judgement_text.h"
#include "analyzer/reports/short_name.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/reports/why.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <stdlib.h>

#define EVIDENCE 3      /* rows: of functions, of waits */
#define WAIT_LEAST 0.01 /* of thread time: shorter ones hold nobody up */
#define NAME_MOST 44    /* columns of a function's name */

static void wrap(const struct text_report *report, const char *text, size_t indent,
                 enum cell_color color)
{
    fprintf(report->cells.out, "%*s", (int)indent, "");
    cells_wrap(&report->cells, text, indent, indent, color);
}

static bool is_not_idle(const struct profile_wait *wait, const void *context)
{
    const struct time_shares *shares = context;

    return !shares->is_idle[wait->thread];
}

/* The verdict, and beside it what it was weighed by. */
static void write_verdict(const struct text_report *report)
{
    struct time_shares shares;
    struct wait_rows rows;

    if (!profile_has_metric(report->profile, METRIC_LOCK_WAIT))
        return;
    time_shares_init(&shares, report->profile);
    char *why = why_judged(report->profile, &shares, report->options->judgement);
    if (why != NULL)
        wrap(report, why, 2, CELL_BOLD);
    free(why);
    if (report->options->judgement != NULL)
        judgement_text_classes(&report->cells, report->options->judgement, 4);
    wait_rows_init(&rows, report->profile, WAIT_BY_STACK, is_not_idle, &shares);
    wait_rows_join(&rows, report->profile, wait_text_kind_and_place);
    for (size_t i = 0; i < rows.count && i < EVIDENCE; i++) {
        double blocked = (double)rows.rows[i].sums.blocked_ns;
        char *place = wait_text_place(report->profile, rows.rows[i].one->stack);
        char *text = memory_printf("waits  %s (%s of thread time): %s, %s",
                                   units_duration((int64_t)blocked).text,
                                   units_percent(blocked, shares.wall).text,
                                   wait_kind_name(rows.rows[i].one->kind), place);
        if (blocked >= WAIT_LEAST * shares.wall && blocked > 0)
            wrap(report, text, 4, CELL_PLAIN);
        free(text);
        free(place);
    }
    wait_rows_release(&rows);
    time_shares_release(&shares);
}

static void write_functions(const struct text_report *report)
{
    int64_t whole = profile_total(report->profile, METRIC_CPU);
    size_t count;
    uint32_t *order = text_rank_self(&report->functions, METRIC_CPU, &count);

    for (size_t i = 0; i < count && i < EVIDENCE; i++) {
        const struct function *function = &report->functions.items[order[i]];
        char *name = short_name(report->functions.labels.items[function->label].name, NAME_MOST);
        char *text = memory_printf(
            "runs   %s (%s of CPU time): %s", units_duration(function->self[METRIC_CPU]).text,
            units_percent((double)function->self[METRIC_CPU], (double)whole).text, name);
        wrap(report, text, 4, CELL_PLAIN);
        free(text);
        free(name);
    }
    free(order);
}

static void write_advice(const struct text_report *report, const struct recommendation *one,
                         size_t number)
{
    char *finding = memory_printf("%zu. %s", number, one->finding);
    char *advice = memory_printf("-> %s", one->advice);

    fputs("  ", report->cells.out);
    cells_wrap(&report->cells, finding, 2, 5, CELL_PLAIN);
    wrap(report, advice, 5, CELL_WARM);
    free(advice);
    free(finding);
}

void text_limits(const struct text_report *report)
{
    const struct recommendations *all = report->options->recommendations;

    if (report->profile->entries.count == 0 && (all == NULL || all->count == 0))
        return;
    cells_heading(&report->cells, "What limits this program", "and by which figures");
    write_verdict(report);
    write_functions(report);
    for (size_t i = 0; all != NULL && i < all->count; i++)
        write_advice(report, &all->items[i], i + 1);
    if (all != NULL && all->count == 0)
        fputs("  nothing stands out that would be worth a recommendation\n", report->cells.out);
}
