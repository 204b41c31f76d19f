/*
 * `report --all`: who ended waits of others, and in what chains. Its own file because it is about
 * what happened between threads.
 */
#include "analyzer/model/wait_rows.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/model/wake_chains.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"

#include <inttypes.h>
#include <stdlib.h>

#define NAME_WIDTH 18
#define WHAT_COLUMN (22 + 2 * NAME_WIDTH)

static void write_waker(const struct text_report *report, const struct wait_row *row)
{
    const struct cells *cells = &report->cells;
    char *waiter = wait_text_thread(report->profile, row->one->thread, 0);
    char *waker = wait_text_peer(report->profile, row->one);
    char *object = wait_text_object(report->profile, row->one->object);
    bool has_object = row->one->object != WAIT_OBJECT_NONE;

    text_wait_cell(cells, units_duration((int64_t)row->sums.blocked_ns).text);
    text_wait_cell(cells, units_exact((int64_t)(row->sums.count + row->sums.open)).text);
    fputs("  ", cells->out);
    cells_text(cells, waiter, NAME_WIDTH, CELL_PLAIN);
    cells_text(cells, waker, NAME_WIDTH, CELL_PLAIN);
    char *what = has_object ? memory_printf("%s %s", wait_kind_name(row->one->kind), object)
                            : memory_strdup(wait_kind_name(row->one->kind));
    cells_wrap(cells, what, WHAT_COLUMN, WHAT_COLUMN, CELL_PLAIN);
    free(what);
    free(object);
    free(waker);
    free(waiter);
}

static void write_chain(const struct text_report *report, const struct wake_chain *chain)
{
    const struct cells *cells = &report->cells;
    char *text = memory_strdup("");

    for (uint32_t i = 0; i < chain->count; i++) {
        char *name = wait_text_thread(report->profile, chain->threads[i], 0);
        char *longer = memory_printf("%s%s%s", text, i > 0 ? " <- " : "", name);
        free(name);
        free(text);
        text = longer;
    }
    text_wait_cell(cells, units_duration((int64_t)chain->waited_ns).text);
    text_wait_cell(cells, units_exact((int64_t)chain->times).text);
    fputs("  ", cells->out);
    cells_wrap(cells, text, 22, 24, CELL_PLAIN);
    free(text);
}

static void write_chains(const struct text_report *report)
{
    static const char *const heads[] = {"waited", "times", NULL};
    struct wake_chains chains;
    size_t i = 0;

    wake_chains_init(&chains, report->profile);
    if (chains.count > 0) {
        cells_heading(&report->cells, "Chains of wake-ups",
                      "each was woken by the next, which had waited until then");
        text_wait_heads(&report->cells, heads, "who waited <- who woke it <- who woke that");
    }
    for (; i < chains.count && i < report->top; i++)
        write_chain(report, &chains.items[i]);
    text_more(&report->cells, i, chains.count);
    wake_chains_release(&chains);
}

void text_wakers(const struct text_report *report)
{
    static const char *const heads[] = {"blocked", "waits", NULL};
    struct wait_rows rows;
    size_t i = 0;

    wait_rows_init(&rows, report->profile,
                   WAIT_BY_THREAD | WAIT_BY_PEER | WAIT_BY_KIND | WAIT_BY_OBJECT, wait_is_woken,
                   NULL);
    if (rows.count > 0) {
        cells_heading(&report->cells, "Wake-ups",
                      "who ended waits of others, as far as hooks saw both");
        text_wait_heads(&report->cells, heads, "thread            woken by          for what");
    }
    for (; i < rows.count && i < report->top; i++)
        write_waker(report, &rows.rows[i]);
    text_more(&report->cells, i, rows.count);
    wait_rows_release(&rows);
    write_chains(report);
}
