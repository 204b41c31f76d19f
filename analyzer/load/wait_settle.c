/*
 * Settling of a thread's waits with its intervals. Its own file because it is arithmetic alone.
 */
#include "analyzer/load/wait_settle.h"

#include "analyzer/load/spread.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>

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

/* Waits that want of an interval, in the order of wait_settle(). */
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
        if (interval->end_ns <= wait->begin_ns)
            return;
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
        if (interval->end_ns <= wait->begin_ns)
            return;
        if (between(wait, interval->begin_ns, interval->end_ns) == 0)
            continue;
        uint64_t more = smaller(outcome->missing_ns, interval->runnable_ns);
        take(&interval->runnable_ns, more);
        outcome->missing_ns -= more;
        outcome->runnable_ns += interval->inside ? more : 0;
    }
}

/* Of several intervals the parts are rounded each: nearly all is all. */
static uint64_t whole_part(uint64_t count, uint64_t of, uint64_t whole)
{
    return of >= whole ? count : (uint64_t)((double)count * (double)of / (double)whole + 0.5);
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
    sums->count += wait->count > 0 ? larger(whole_part(wait->count, outcome->total_ns, all), 1) : 0;
    sums->bytes = sum_unsigned(sums->bytes, whole_part(wait->bytes, outcome->total_ns, all));
    sums->total_ns = sum_unsigned(sums->total_ns, outcome->total_ns);
    sums->blocked_ns = sum_unsigned(sums->blocked_ns, outcome->blocked_ns);
    sums->runnable_ns = sum_unsigned(sums->runnable_ns, outcome->runnable_ns);
    if (sums->last_ns == 0 || wait->begin_ns < sums->first_ns)
        sums->first_ns = wait->begin_ns;
    sums->last_ns = larger(sums->last_ns, wait->end_ns);
    sums->longest_ns = larger(sums->longest_ns, smaller(wait->longest_ns, outcome->total_ns));
}

/* When what was settled of the wait took place. */
static void add_parts(const struct wait_ledger *ledger, const struct ledger_wait *wait,
                      const struct outcome *outcome)
{
    const struct wait_place *place = &ledger->places[wait->place];
    uint64_t end_ns = smaller(wait->end_ns, ledger->window.to_ns);
    struct timed_part part = {.time_ns = end_ns,
                              .span_ns =
                                  since(end_ns, larger(wait->begin_ns, ledger->window.from_ns)),
                              .length = outcome->blocked_ns,
                              .thread = place->thread,
                              .stack = place->stack,
                              .region = place->region,
                              .state = ENTRY_WAITING + place->kind};

    if (ledger->parts == NULL)
        return;
    timed_parts_add(ledger->parts, &part);
    part.length = outcome->runnable_ns;
    part.state = ENTRY_RUNNABLE;
    timed_parts_add(ledger->parts, &part);
}

/* The first that any of the waits reaches into: most are over since the last was. */
static size_t first_interval(const struct ledger_thread *thread, const struct ledger_wait *waits,
                             size_t count)
{
    uint64_t begin_ns = UINT64_MAX;
    size_t first = thread->interval_count;

    for (size_t w = 0; w < count; w++)
        begin_ns = smaller(begin_ns, waits[w].begin_ns);
    while (first > 0 && thread->intervals[first - 1].end_ns > begin_ns)
        first--;
    return first;
}

void wait_settle(struct wait_ledger *ledger, struct ledger_thread *thread,
                 const struct ledger_wait *waits, size_t count)
{
    struct outcome *outcomes = memory_alloc((count + 1) * sizeof(*outcomes));
    struct claims claims = {ledger, waits, count, memory_alloc((count + 1) * sizeof(*claims.lack))};

    for (size_t i = first_interval(thread, waits, count); i < thread->interval_count; i++)
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
        add_parts(ledger, &waits[w], outcome);
    }
    free(outcomes);
    free(claims.lack);
}
