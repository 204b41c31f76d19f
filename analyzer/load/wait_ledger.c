/*
 * Settling of waits with what the kernel counted. Its own file because it is arithmetic: it knows
 * neither stacks nor reports.
 */
#include "analyzer/load/wait_ledger.h"

#include "analyzer/load/spread.h"
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

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t part(uint64_t amount, uint64_t of, uint64_t whole)
{
    return of >= whole ? amount : (uint64_t)((double)amount * (double)of / (double)whole);
}

/* How much of the waits' time lies between these two, as if it were spread evenly. */
static uint64_t between(const struct ledger_wait *wait, uint64_t from_ns, uint64_t to_ns)
{
    uint64_t begin_ns = larger(wait->begin_ns, from_ns), end_ns = smaller(wait->end_ns, to_ns);

    if (end_ns <= begin_ns)
        return 0;
    return part(smaller(wait->total_ns, wait->end_ns - wait->begin_ns), end_ns - begin_ns,
                wait->end_ns - wait->begin_ns);
}

/* What one of them comes to. */
struct outcome {
    uint64_t total_ns, blocked_ns, runnable_ns; /* in the window */
    uint64_t hooked_ns;                         /* blocked, of intervals in the window */
    uint64_t missing_ns;                        /* for which there was no blocked time yet */
};

static void take(uint64_t *left, uint64_t amount)
{
    *left -= smaller(*left, amount);
}

/* Its part of time before the first interval and behind the last: as it is. */
static uint64_t uncovered(const struct wait_ledger *ledger, const struct ledger_thread *thread,
                          const struct ledger_wait *wait)
{
    uint64_t from_ns = ledger->window.from_ns, to_ns = ledger->window.to_ns;
    size_t count = thread->interval_count;

    if (count == 0)
        return between(wait, from_ns, to_ns);
    return between(wait, from_ns, smaller(to_ns, thread->intervals[0].begin_ns)) +
           between(wait, larger(from_ns, thread->intervals[count - 1].end_ns), to_ns);
}

/* Data are copied in the call: where a thread ran in a wait, it was in one of these. */
static bool moves_data(uint32_t kind)
{
    return kind == TRACE_WAIT_READ || kind == TRACE_WAIT_WRITE || kind == TRACE_WAIT_RECEIVE ||
           kind == TRACE_WAIT_SEND || kind == TRACE_WAIT_SYNC || kind == TRACE_WAIT_OPEN;
}

/* How many of the waits lie in the interval, about. */
static double number_in(const struct ledger_wait *wait, uint64_t wants)
{
    uint64_t all = between(wait, 0, UINT64_MAX);

    return all > 0 ? (double)larger(wait->count, 1) * (double)wants / (double)all : 0;
}

/* Waits that want of an interval, in the order of settle_all(). */
struct claims {
    const struct wait_ledger *ledger;
    const struct ledger_wait *waits;
    size_t count;
    struct spread_share *lack; /* what each gets no blocked time for; room: what it wants */
};

/* Of `lacking` the thread was ready to run as far as it was at all: every wait ends with that, and
 * with about as much. In the rest it ran: where data were copied first. */
static void spread_lack(const struct claims *claims, const struct ledger_interval *interval,
                        uint64_t lacking)
{
    uint64_t runnable = smaller(lacking, interval->runnable_ns), ran = lacking - runnable;
    struct spread_share *lack = claims->lack;

    for (size_t w = 0; w < claims->count; w++) {
        uint32_t kind = claims->ledger->places[claims->waits[w].place].kind;
        lack[w].weight = moves_data(kind) ? (double)lack[w].room : 0;
    }
    ran = spread(lack, claims->count, ran);
    for (size_t w = 0; w < claims->count; w++)
        lack[w].weight = number_in(&claims->waits[w], lack[w].room + lack[w].got);
    spread(lack, claims->count, ran + runnable);
}

/* What each wait wants of the interval is blocked time of it, as far as there is enough. */
static void share_interval(const struct claims *claims, struct ledger_interval *interval,
                           struct outcome *outcomes)
{
    uint64_t wanted = 0;

    for (size_t w = 0; w < claims->count; w++) {
        uint64_t wants = between(&claims->waits[w], interval->begin_ns, interval->end_ns);
        claims->lack[w] = (struct spread_share){.room = wants};
        wanted += wants;
    }
    if (wanted == 0)
        return;
    if (wanted > interval->blocked_ns)
        spread_lack(claims, interval, wanted - interval->blocked_ns);
    for (size_t w = 0; w < claims->count; w++) {
        const struct spread_share *lack = &claims->lack[w];
        take(&interval->blocked_ns, lack->room);
        outcomes[w].missing_ns += lack->got;
        outcomes[w].total_ns += interval->inside ? lack->room + lack->got : 0;
        outcomes[w].hooked_ns += interval->inside ? lack->room : 0;
    }
}

/* Several waits as one record need not lie evenly: what an interval had not enough of, others that
 * they lie in may have left. */
static void take_leftover(struct ledger_thread *thread, const struct ledger_wait *wait,
                          struct outcome *outcome)
{
    for (size_t i = thread->interval_count; i-- > 0 && outcome->missing_ns > 0;) {
        struct ledger_interval *interval = &thread->intervals[i];
        uint64_t begin_ns = larger(wait->begin_ns, interval->begin_ns);
        uint64_t end_ns = smaller(wait->end_ns, interval->end_ns);
        if (end_ns <= begin_ns)
            continue;
        uint64_t room = end_ns - begin_ns - between(wait, begin_ns, end_ns);
        uint64_t more = smaller(smaller(outcome->missing_ns, room), interval->blocked_ns);
        take(&interval->blocked_ns, more);
        outcome->missing_ns -= more;
        outcome->hooked_ns += interval->inside ? more : 0;
    }
}

static void take_runnable(struct ledger_thread *thread, const struct ledger_wait *wait,
                          struct outcome *outcome)
{
    for (size_t i = thread->interval_count; i-- > 0 && outcome->missing_ns > 0;) {
        struct ledger_interval *interval = &thread->intervals[i];
        if (between(wait, interval->begin_ns, interval->end_ns) == 0)
            continue;
        uint64_t more = smaller(outcome->missing_ns, interval->runnable_ns);
        take(&interval->runnable_ns, more);
        outcome->missing_ns -= more;
        outcome->runnable_ns += interval->inside ? more : 0;
    }
}

static void add_sums(struct wait_sums *sums, const struct ledger_wait *wait,
                     const struct outcome *outcome)
{
    uint64_t all = larger(between(wait, 0, UINT64_MAX), 1);

    if (outcome->total_ns == 0)
        return;
    if (wait->count == 0)
        sums->open++;
    /* Of those that lie in part in the window, as many as correspond, one at least. */
    sums->count += wait->count > 0 ? larger(part(wait->count, outcome->total_ns, all), 1) : 0;
    sums->bytes = sum_unsigned(sums->bytes, part(wait->bytes, outcome->total_ns, all));
    sums->total_ns = sum_unsigned(sums->total_ns, outcome->total_ns);
    sums->blocked_ns = sum_unsigned(sums->blocked_ns, outcome->blocked_ns);
    sums->runnable_ns = sum_unsigned(sums->runnable_ns, outcome->runnable_ns);
    if (sums->last_ns == 0 || wait->begin_ns < sums->first_ns)
        sums->first_ns = wait->begin_ns;
    sums->last_ns = larger(sums->last_ns, wait->end_ns);
    sums->longest_ns = larger(sums->longest_ns, smaller(wait->longest_ns, outcome->total_ns));
}

static void settle_all(struct wait_ledger *ledger, struct ledger_thread *thread,
                       const struct ledger_wait *waits, size_t count)
{
    struct outcome *outcomes = memory_alloc((count + 1) * sizeof(*outcomes));
    struct claims claims = {ledger, waits, count, memory_alloc((count + 1) * sizeof(*claims.lack))};

    for (size_t i = 0; i < thread->interval_count; i++)
        share_interval(&claims, &thread->intervals[i], outcomes);
    for (size_t w = 0; w < count; w++)
        take_leftover(thread, &waits[w], &outcomes[w]);
    for (size_t w = 0; w < count; w++) {
        struct outcome *outcome = &outcomes[w];
        uint64_t as_it_is = uncovered(ledger, thread, &waits[w]);
        take_runnable(thread, &waits[w], outcome);
        thread->hooked_ns += outcome->hooked_ns;
        outcome->blocked_ns = outcome->hooked_ns + as_it_is;
        outcome->total_ns += as_it_is;
        add_sums(&ledger->sums[waits[w].place], &waits[w], outcome);
    }
    free(outcomes);
    free(claims.lack);
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
    settle_all(ledger, thread, thread->pending, ended);
    thread->pending_count -= ended;
    memmove(thread->pending, thread->pending + ended,
            thread->pending_count * sizeof(*thread->pending));
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

    if (waits->held) {
        thread->held = memory_grow(thread->held, thread->held_count, &thread->held_capacity,
                                   sizeof(*thread->held));
        thread->held[thread->held_count++] = wait;
        return wait.place;
    }
    if (thread->pending_count >= PENDING_MAX)
        settle(ledger, thread, UINT64_MAX);
    thread->pending = memory_grow(thread->pending, thread->pending_count, &thread->pending_capacity,
                                  sizeof(*thread->pending));
    thread->pending[thread->pending_count++] = wait;
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

static uint64_t since(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

/* From the last TRACE_SCHEDULING up to this. Clocks are not read at one moment: what an interval
 * has no room for is the next one's. */
static void add_interval(struct wait_ledger *ledger, struct ledger_thread *thread,
                         const struct trace_scheduling *now)
{
    struct trace_scheduling *last = &thread->last;
    uint64_t when_ns = now->when_ns;
    struct ledger_interval whole = {.begin_ns = last->when_ns, .end_ns = when_ns};
    uint64_t wall = when_ns - last->when_ns;
    uint64_t paused = smaller(since(now->paused_ns, last->paused_ns), wall);
    uint64_t cpu = smaller(since(now->cpu_ns, last->cpu_ns), wall - paused);

    whole.runnable_ns = smaller(since(now->runnable_ns, last->runnable_ns), wall - paused - cpu);
    whole.blocked_ns = wall - paused - cpu - whole.runnable_ns;
    last->when_ns = when_ns;
    last->paused_ns += paused;
    last->cpu_ns += cpu;
    last->runnable_ns += whole.runnable_ns;
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
    for (size_t i = 0; i < ledger->thread_count; i++)
        ledger->threads[i].held_count = 0;
}

void wait_ledger_finish(struct wait_ledger *ledger, uint32_t thread, uint64_t end_ns,
                        uint64_t cpu_ns)
{
    if (thread >= ledger->thread_count)
        return;
    struct ledger_thread *one = &ledger->threads[thread];
    struct trace_scheduling end = one->last;
    end.when_ns = end_ns;
    end.cpu_ns = cpu_ns;
    if (one->has_scheduling && end_ns > one->last.when_ns)
        add_interval(ledger, one, &end);
    settle(ledger, one, UINT64_MAX);
    if (one->held_count > 0)
        settle_all(ledger, one, one->held, one->held_count);
    one->held_count = 0;
    for (size_t i = 0; i < one->interval_count; i++) {
        one->blocked_left_ns += one->intervals[i].inside ? one->intervals[i].blocked_ns : 0;
        one->runnable_left_ns += one->intervals[i].inside ? one->intervals[i].runnable_ns : 0;
    }
}
