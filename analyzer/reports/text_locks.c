/*
 * `report --all`: locks that threads waited for, who had them, queues at them, and orders of taking
 * them that may end in a deadlock. Its own file as it is about more than one thread at a time.
 */
#include "analyzer/model/convoys.h"
#include "analyzer/model/lock_order.h"
#include "analyzer/model/wait_rows.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

#define HOLDERS 3u
#define STACKS 3u
#define INDENT 42u /* of what belongs to a row */
#define LOCK_COLUMN 54u
#define CYCLES 5u

static void write_line(const struct cells *cells, char *text)
{
    fprintf(cells->out, "%*s", (int)INDENT, "");
    cells_wrap(cells, text, INDENT, INDENT + 2, CELL_PLAIN);
    free(text);
}

static void write_holder(const struct text_report *report, const struct wait_row *holder,
                         const struct wait_sums *all)
{
    const struct profile *profile = report->profile;
    double share;
    const char *function =
        wait_text_holder(profile, holder->one->object, holder->one->peer_thread, &share);
    char *who = wait_text_peer(profile, holder->one);

    bool is_met = holder->one->peer_thread != WAIT_THREAD_NONE && function != NULL;
    char *call = is_met ? wait_text_call(function) : memory_strdup("");

    write_line(
        &report->cells,
        memory_printf("behind %s: %s (%s)%s%s", who,
                      units_duration((int64_t)holder->sums.blocked_ns).text,
                      units_percent((double)holder->sums.blocked_ns, (double)all->blocked_ns).text,
                      is_met ? ", then mostly in " : "", call));
    free(call);
    free(who);
}

static void write_stack(const struct text_report *report, const struct wait_row *row)
{
    char *place = wait_text_place(report->profile, row->one->stack);

    write_line(&report->cells, memory_printf("in %s: %s", place,
                                             units_duration((int64_t)row->sums.blocked_ns).text));
    free(place);
}

static void write_lock(const struct text_report *report, const struct wait_row *lock)
{
    struct wait_rows holders, stacks;
    char *name = wait_text_object(report->profile, lock->one->object);

    text_wait_sums(&report->cells, &lock->sums);
    cells_text(&report->cells, wait_kind_name(lock->one->kind), LOCK_COLUMN - INDENT, CELL_PLAIN);
    cells_wrap(&report->cells, name, LOCK_COLUMN, INDENT + 2, CELL_BOLD);
    free(name);
    wait_rows_init(&holders, report->profile, WAIT_BY_PEER, wait_is_alike, lock->one);
    wait_rows_init(&stacks, report->profile, WAIT_BY_STACK, wait_is_alike, lock->one);
    wait_rows_join(&stacks, report->profile, wait_text_kind_and_place);
    for (size_t i = 0; i < holders.count && i < HOLDERS; i++)
        write_holder(report, &holders.rows[i], &lock->sums);
    for (size_t i = 0; i < stacks.count && i < STACKS; i++)
        write_stack(report, &stacks.rows[i]);
    wait_rows_release(&stacks);
    wait_rows_release(&holders);
}

static void write_locks(const struct text_report *report)
{
    static const char *const heads[] = {"blocked", "in calls", "longest", "waits", NULL};
    const enum wait_group locks = WAIT_GROUP_LOCK;
    struct wait_rows rows;
    size_t i = 0;

    wait_rows_init(&rows, report->profile, WAIT_BY_OBJECT | WAIT_BY_KIND, wait_is_of_group, &locks);
    if (rows.count > 0) {
        cells_heading(&report->cells, "Locks",
                      "behind: who had it when the wait began; then: where that one was sampled or "
                      "waited last before the wait ended");
        text_wait_heads(&report->cells, heads, "kind        lock");
    }
    for (; i < rows.count && i < report->top; i++)
        write_lock(report, &rows.rows[i]);
    text_more(&report->cells, i, rows.count);
    wait_rows_release(&rows);
}

static void write_convoy(const struct text_report *report, const struct convoy *convoy)
{
    char *name = wait_text_object(report->profile, convoy->object);
    char *times =
        convoy->times == 1 ? memory_strdup("once") : memory_printf("%zu times", convoy->times);
    char *seen =
        convoy->most > 0
            ? memory_printf("; %zu at a time at most, 3 or more %s, for %s in all", convoy->most,
                            times, units_duration((int64_t)convoy->queued_ns).text)
            : memory_strdup("");
    char *text = memory_printf("%s: %zu threads, %.1f of them waiting at any moment between the "
                               "first wait and the last%s; %s blocked",
                               name, convoy->threads, convoy->mean, seen,
                               units_duration((int64_t)convoy->blocked_ns).text);

    fputs("  ", report->cells.out);
    cells_wrap(&report->cells, text, 2, 4, CELL_PLAIN);
    free(text);
    free(seen);
    free(times);
    free(name);
}

static void write_convoys(const struct text_report *report)
{
    struct convoys convoys;
    size_t i = 0;

    convoys_init(&convoys, report->profile);
    if (convoys.count > 0)
        cells_heading(&report->cells, "Convoys", "3 threads or more in line for one lock");
    for (; i < convoys.count && i < report->top; i++)
        write_convoy(report, &convoys.items[i]);
    text_more(&report->cells, i, convoys.count);
    convoys_release(&convoys);
}

static void write_edge(const struct text_report *report, const struct lock_edge *edge)
{
    const struct profile *profile = report->profile;
    char *who = wait_text_thread(profile, edge->holder->thread, 0);
    char *held = wait_text_object(profile, edge->held);
    char *asked = wait_text_object(profile, edge->asked);
    char *other = wait_text_thread(profile, edge->waiter->thread, 0);
    char *where = wait_text_call(wait_text_function(profile, edge->holder->stack));
    char *elsewhere = wait_text_call(wait_text_function(profile, edge->waiter->stack));
    char *text =
        memory_printf("%s had %s and waited for %s in %s; meanwhile %s waited for %s in %s", who,
                      held, asked, where, other, held, elsewhere);

    fputs("    ", report->cells.out);
    cells_wrap(&report->cells, text, 4, 6, CELL_PLAIN);
    free(text);
    free(elsewhere);
    free(where);
    free(other);
    free(asked);
    free(held);
    free(who);
}

static void write_cycle(const struct text_report *report, const struct lock_cycle *cycle)
{
    char *text = memory_printf("%s:", cycle->deadlock ? "DEADLOCK" : "taken in both orders");

    for (size_t i = 0; i <= cycle->count; i++) {
        char *name = wait_text_object(report->profile, cycle->edges[i % cycle->count]->held);
        char *longer = memory_printf("%s%s %s", text, i > 0 ? " ->" : "", name);
        free(name);
        free(text);
        text = longer;
    }
    fputs("  ", report->cells.out);
    cells_wrap(&report->cells, text, 2, 4, CELL_PLAIN);
    free(text);
    for (size_t i = 0; i < cycle->count; i++)
        write_edge(report, cycle->edges[i]);
}

static void write_cycles(const struct text_report *report)
{
    struct lock_order order;
    size_t i = 0;

    lock_order_init(&order, report->profile);
    if (order.cycle_count > 0)
        cells_heading(&report->cells, "Lock order",
                      "asked for while others were held, in a circle; as far as waits show it");
    for (; i < order.cycle_count && i < CYCLES; i++)
        write_cycle(report, &order.cycles[i]);
    text_more(&report->cells, i, order.cycle_count);
    lock_order_release(&order);
}

void text_locks(const struct text_report *report)
{
    write_locks(report);
    write_convoys(report);
    write_cycles(report);
}
