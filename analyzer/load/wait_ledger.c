/*
 * What is known of threads' waits and times, until it is settled (wait_settle.c). Its own file because
 * it is about when records come; it knows neither stacks nor reports.
 */
#include "analyzer/load/wait_ledger.h"

#include "analyzer/load/wait_settle.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

/* Waits of a thread that came without a TRACE_SCHEDULING behind them: more than a chunk holds
 * of one thread, there are none. */
#define PENDING_MAX 8192u

void wait_ledger_init(struct wait_ledger *ledger)
{
    *ledger = (struct wait_ledger){.window = TIME_WINDOW_WHOLE,
                                   .index = key_table_new(sizeof(struct wait_place))};
}

void wait_ledger_release(struct wait_ledger *ledger)
{
    for (size_t i = 0; i < ledger->thread_count; i++) {
        free(ledger->threads[i].intervals);
        free(ledger->threads[i].pending);
        free(ledger->threads[i].held);
    }
    free(ledger->threads);
    free(ledger->places);
    free(ledger->sums);
    key_table_free(ledger->index);
}

static struct ledger_thread *thread_of(struct wait_ledger *ledger, uint32_t thread)
{
    while (ledger->thread_count <= thread) {
        ledger->threads = memory_grow(ledger->threads, ledger->thread_count,
                                      &ledger->thread_capacity, sizeof(*ledger->threads));
        ledger->threads[ledger->thread_count++] = (struct ledger_thread){.intervals = NULL};
    }
    return &ledger->threads[thread];
}

const struct ledger_thread *wait_ledger_thread(const struct wait_ledger *ledger, uint32_t thread)
{
    return thread < ledger->thread_count ? &ledger->threads[thread] : NULL;
}

static uint32_t place_number(struct wait_ledger *ledger, const struct wait_place *place)
{
    uint32_t number = key_table_add(ledger->index, place, (uint32_t)ledger->place_count);

    if (number == ledger->place_count) {
        ledger->places = memory_grow(ledger->places, ledger->place_count, &ledger->place_capacity,
                                     sizeof(*ledger->places));
        ledger->sums = memory_grow(ledger->sums, ledger->place_count, &ledger->sum_capacity,
                                   sizeof(*ledger->sums));
        ledger->sums[ledger->place_count] = (struct wait_sums){.count = 0};
        ledger->places[ledger->place_count++] = *place;
    }
    return number;
}

void wait_ledger_looked(struct wait_ledger *ledger, const struct wait_place *place,
                        uint64_t blocked_ns)
{
    uint32_t number = place_number(ledger, place); /* first: it may move them */
    struct wait_sums *sums = &ledger->sums[number];

    sums->total_ns += blocked_ns;
    sums->blocked_ns += blocked_ns;
}

/* Settles those that ended by then; the others stay. */
static void settle(struct wait_ledger *ledger, struct ledger_thread *thread, uint64_t until_ns)
{
    size_t ended = 0;

    for (size_t i = 0; i < thread->pending_count; i++) {
        struct ledger_wait wait = thread->pending[i];
        if (wait.end_ns > until_ns)
            continue;
        thread->pending[i] = thread->pending[ended];
        thread->pending[ended++] = wait;
    }
    if (ended == 0)
        return;
    wait_settle(ledger, thread, thread->pending, ended);
    thread->pending_count -= ended;
    memmove(thread->pending, thread->pending + ended,
            thread->pending_count * sizeof(*thread->pending));
}

static void add_pending(struct wait_ledger *ledger, struct ledger_thread *thread,
                        const struct ledger_wait *wait)
{
    if (thread->pending_count >= PENDING_MAX)
        settle(ledger, thread, UINT64_MAX);
    thread->pending = memory_grow(thread->pending, thread->pending_count, &thread->pending_capacity,
                                  sizeof(*thread->pending));
    thread->pending[thread->pending_count++] = *wait;
}

/* It lasted until then, at least as long as it was told. */
static void end_open(struct ledger_thread *thread, uint64_t end_ns)
{
    uint64_t later = since(end_ns, thread->open.end_ns);

    thread->open.end_ns += later;
    thread->open.total_ns += later;
    thread->open.longest_ns = thread->open.total_ns;
}

/* A wait that was told of before it was over is told of again when it is; if not, it was over by
 * the beginning of the next. */
static void follow_open(struct wait_ledger *ledger, struct ledger_thread *thread,
                        const struct ledger_wait *next)
{
    if (!thread->has_open || next->end_ns < thread->open.begin_ns)
        return;
    thread->has_open = false;
    if (next->begin_ns < thread->open.end_ns)
        return;
    end_open(thread, smaller(next->begin_ns, larger(thread->open_until_ns, thread->open.end_ns)));
    thread->open.count = 1;
    add_pending(ledger, thread, &thread->open);
}

void wait_ledger_ran(struct wait_ledger *ledger, uint32_t thread, uint64_t time_ns)
{
    if (thread >= ledger->thread_count)
        return;
    struct ledger_thread *one = &ledger->threads[thread];
    if (one->has_open && one->open_until_ns == 0 && time_ns > one->open.end_ns)
        one->open_until_ns = time_ns;
}

uint32_t wait_ledger_waits(struct wait_ledger *ledger, const struct wait_place *place,
                           const struct trace_waits *waits)
{
    struct ledger_thread *thread = thread_of(ledger, place->thread);
    struct ledger_wait wait = {.place = place_number(ledger, place),
                               .begin_ns = waits->begin_ns,
                               .end_ns = waits->end_ns,
                               .total_ns = waits->total_ns,
                               .longest_ns = waits->longest_ns,
                               .count = waits->count,
                               .bytes = waits->bytes};

    if (wait.count == 0) {
        thread->has_open = true;
        thread->open = wait;
        thread->open_until_ns = 0;
        return wait.place;
    }
    follow_open(ledger, thread, &wait);
    if (waits->held) {
        thread->held = memory_grow(thread->held, thread->held_count, &thread->held_capacity,
                                   sizeof(*thread->held));
        thread->held[thread->held_count++] = wait;
        return wait.place;
    }
    add_pending(ledger, thread, &wait);
    return wait.place;
}

/* One interval of both, if nothing that a wait may claim gets another place by that. */
static bool is_one(const struct ledger_interval *a, const struct ledger_interval *b)
{
    bool is_used = a->blocked_ns + a->runnable_ns + b->blocked_ns + b->runnable_ns == 0;
    bool is_free =
        a->blocked_ns == a->end_ns - a->begin_ns && b->blocked_ns == b->end_ns - b->begin_ns;

    return a->inside == b->inside && (is_used || is_free);
}

static void join(struct ledger_thread *thread, size_t at)
{
    struct ledger_interval *a = &thread->intervals[at], *b = a + 1;

    a->end_ns = b->end_ns;
    a->blocked_ns += b->blocked_ns;
    a->runnable_ns += b->runnable_ns;
    thread->interval_count--;
    memmove(b, b + 1, (thread->interval_count - at - 1) * sizeof(*b));
}

/* Makes room for one more: the oldest become one. */
static void make_room(struct ledger_thread *thread)
{
    size_t at = 0;

    if (thread->interval_count < LEDGER_INTERVALS)
        return;
    while (at + 2 < thread->interval_count &&
           thread->intervals[at].inside != thread->intervals[at + 1].inside)
        at++;
    join(thread, at);
}

static void append(struct ledger_thread *thread, const struct ledger_interval *interval)
{
    make_room(thread);
    thread->intervals = memory_grow(thread->intervals, thread->interval_count,
                                    &thread->interval_capacity, sizeof(*thread->intervals));
    thread->intervals[thread->interval_count++] = *interval;
    if (thread->interval_count > 1 && is_one(&thread->intervals[thread->interval_count - 2],
                                             &thread->intervals[thread->interval_count - 1]))
        join(thread, thread->interval_count - 2);
}

/* The part of the interval from there on that lies on one side of the window's bounds. */
static void add_part(struct wait_ledger *ledger, struct ledger_thread *thread,
                     const struct ledger_interval *whole, uint64_t cpu_ns, uint64_t from_ns,
                     uint64_t to_ns)
{
    uint64_t length = to_ns - from_ns, all = whole->end_ns - whole->begin_ns;
    struct ledger_interval one = {.begin_ns = from_ns,
                                  .end_ns = to_ns,
                                  .blocked_ns = part(whole->blocked_ns, length, all),
                                  .runnable_ns = part(whole->runnable_ns, length, all),
                                  .inside = time_window_holds(&ledger->window, from_ns)};

    if (length == 0)
        return;
    append(thread, &one);
    if (!one.inside)
        return;
    thread->cpu_ns += part(cpu_ns, length, all);
    thread->runnable_ns += one.runnable_ns;
    thread->blocked_ns += one.blocked_ns;
    thread->wall_ns = thread->cpu_ns + thread->runnable_ns + thread->blocked_ns;
}

/* The kernel counts time ready to run when that is over, and time on a processor at its tick, up to
 * 10 ms late: what an interval has no room for was in those before, where no wait has claimed it.
 * Returns how much of it. */
static uint64_t give_back(struct ledger_thread *thread, uint64_t amount, bool runnable)
{
    uint64_t left = amount;

    for (size_t i = thread->interval_count; i-- > 0 && left > 0;) {
        struct ledger_interval *interval = &thread->intervals[i];
        uint64_t more = smaller(left, interval->blocked_ns);
        left -= more;
        interval->blocked_ns -= more;
        interval->runnable_ns += runnable ? more : 0;
        thread->blocked_ns -= interval->inside ? more : 0;
        *(runnable ? &thread->runnable_ns : &thread->cpu_ns) += interval->inside ? more : 0;
    }
    return amount - left;
}

/* From the last TRACE_SCHEDULING up to this. Clocks are not read at one moment: what there was no
 * room for at all is the next interval's. */
static void add_interval(struct wait_ledger *ledger, struct ledger_thread *thread,
                         const struct trace_scheduling *now)
{
    struct trace_scheduling *last = &thread->last;
    uint64_t when_ns = now->when_ns;
    struct ledger_interval whole = {.begin_ns = last->when_ns, .end_ns = when_ns};
    uint64_t wall = when_ns - last->when_ns;
    uint64_t paused = smaller(since(now->paused_ns, last->paused_ns), wall);
    uint64_t used = since(now->cpu_ns, last->cpu_ns);
    uint64_t waited = since(now->runnable_ns, last->runnable_ns);
    uint64_t cpu = smaller(used, wall - paused);

    whole.runnable_ns = smaller(waited, wall - paused - cpu);
    whole.blocked_ns = wall - paused - cpu - whole.runnable_ns;
    last->when_ns = when_ns;
    last->paused_ns += paused;
    last->cpu_ns += cpu + give_back(thread, used - cpu, false);
    last->runnable_ns += whole.runnable_ns + give_back(thread, waited - whole.runnable_ns, true);
    uint64_t from_ns = smaller(larger(ledger->window.from_ns, whole.begin_ns), when_ns);
    uint64_t to_ns = larger(smaller(ledger->window.to_ns, when_ns), from_ns);
    add_part(ledger, thread, &whole, cpu, whole.begin_ns, from_ns);
    add_part(ledger, thread, &whole, cpu, from_ns, to_ns);
    add_part(ledger, thread, &whole, cpu, to_ns, when_ns);
}

void wait_ledger_scheduling(struct wait_ledger *ledger, uint32_t thread, uint64_t start_ns,
                            const struct trace_scheduling *scheduling)
{
    struct ledger_thread *one = thread_of(ledger, thread);

    if (!one->has_scheduling) {
        one->has_scheduling = true;
        one->last.when_ns = start_ns;
        if (start_ns < ledger->from_ns) {
            one->last = *scheduling;
            return;
        }
    }
    one->last.known |= scheduling->known;
    one->last.voluntary = larger(one->last.voluntary, scheduling->voluntary);
    one->last.involuntary = larger(one->last.involuntary, scheduling->involuntary);
    one->last.migrations = larger(one->last.migrations, scheduling->migrations);
    if (scheduling->when_ns <= one->last.when_ns)
        return;
    add_interval(ledger, one, scheduling);
    settle(ledger, one, one->last.when_ns);
}

void wait_ledger_go_on(struct wait_ledger *ledger)
{
    for (size_t i = 0; i < ledger->thread_count; i++) {
        ledger->threads[i].held_count = 0;
        ledger->threads[i].has_open = false;
    }
}

void wait_ledger_finish(struct wait_ledger *ledger, uint32_t thread, uint64_t end_ns,
                        uint64_t cpu_ns)
{
    if (thread >= ledger->thread_count)
        return;
    struct ledger_thread *one = &ledger->threads[thread];
    struct trace_scheduling end = one->last;
    end.when_ns = larger(end_ns, one->last.when_ns);
    end.cpu_ns = cpu_ns;
    if (one->has_scheduling)
        add_interval(ledger, one, &end);
    if (one->has_open) {
        end_open(one, one->open_until_ns != 0 ? one->open_until_ns : end_ns);
        add_pending(ledger, one, &one->open);
    }
    settle(ledger, one, UINT64_MAX);
    if (one->held_count > 0)
        wait_settle(ledger, one, one->held, one->held_count);
    one->held_count = 0;
    for (size_t i = 0; i < one->interval_count; i++) {
        one->blocked_left_ns += one->intervals[i].inside ? one->intervals[i].blocked_ns : 0;
        one->runnable_left_ns += one->intervals[i].inside ? one->intervals[i].runnable_ns : 0;
    }
}
