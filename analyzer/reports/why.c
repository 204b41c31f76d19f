/*
 * The verdict. Its own file because it weighs what the sections only show.
 *
 * Threads that wait for each other for ever come first. Else the largest part of thread time decides,
 * of threads that are not idle (time_shares.h): time on a processor, ready to run, in each group of waits. Time at conditions, semaphores and the like comes
 * last among equals: it follows from what other threads do.
 */
#include "analyzer/reports/why.h"

#include "analyzer/model/demand.h"
#include "analyzer/model/lock_order.h"
#include "analyzer/model/wait_rows.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/reports/hottest.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <inttypes.h>
#include <stdlib.h>

#define READY_LEAST 0.1 /* of thread time: less is not worth a word */
#define MOSTLY 0.5      /* of something: from here on a name for it is told */

struct weighing {
    const struct profile *profile;
    const struct time_shares *shares;
};

static struct unit_text share_of(const struct weighing *weighing, double part)
{
    return units_percent(part, weighing->shares->wall);
}

static char *why_cpu(const struct weighing *weighing)
{
    char *where = hottest_text(weighing->profile);
    double runnable = weighing->shares->runnable;
    bool is_ready = runnable >= READY_LEAST * weighing->shares->wall;
    char *text = memory_printf("CPU-bound: %s of thread time is spent running%s%s%s%s",
                               share_of(weighing, weighing->shares->on).text, is_ready ? ", " : "",
                               is_ready ? share_of(weighing, runnable).text : "",
                               is_ready ? " more ready to" : "", where != NULL ? where : "");

    free(where);
    return text;
}

static char *why_runnable(const struct weighing *weighing)
{
    struct demand demand = demand_of(weighing->profile, SIZE_MAX);
    struct unit_text share = share_of(weighing, weighing->shares->runnable);

    if (demand.is_oversubscribed)
        return memory_printf("oversubscribed: %s of thread time waits for a processor: %zu threads "
                             "want one at the same time, and there are %zu",
                             share.text, demand.wanting, demand.cpus);
    return memory_printf("short of processors: %s of thread time waits for one; others on the "
                         "machine had them",
                         share.text);
}

/* Waits of threads that are not idle, in a group. */
struct choice {
    const struct time_shares *shares;
    enum wait_group group;
};

static bool is_chosen(const struct profile_wait *wait, const void *context)
{
    const struct choice *choice = context;

    return !choice->shares->is_idle[wait->thread] && wait_kind_group(wait->kind) == choice->group;
}

/* The most blocked row of a group, by function where it is to be by stack. */
struct top {
    const struct profile_wait *one; /* NULL: none */
    double blocked, of_group;       /* its part of the group's */
    uint64_t waits, bytes;
};

static struct top top_of(const struct weighing *weighing, enum wait_group group, unsigned by)
{
    struct choice choice = {weighing->shares, group};
    struct wait_rows rows;
    struct top top = {.one = NULL};

    wait_rows_init(&rows, weighing->profile, by, is_chosen, &choice);
    if (by == WAIT_BY_STACK)
        wait_rows_join(&rows, weighing->profile, wait_text_call_of);
    if (rows.count > 0) {
        double all = weighing->shares->group[group];
        top.one = rows.rows[0].one;
        top.blocked = (double)rows.rows[0].sums.blocked_ns;
        top.waits = rows.rows[0].sums.count + rows.rows[0].sums.open;
        top.bytes = rows.rows[0].sums.bytes;
        top.of_group = all > 0 ? top.blocked / all : 0;
    }
    wait_rows_release(&rows);
    return top;
}

/* ", mostly behind rehash()", or behind a thread; nothing where nobody had it most of the time. */
static char *behind(const struct weighing *weighing, uint32_t object)
{
    struct choice choice = {weighing->shares, WAIT_GROUP_LOCK};
    struct wait_rows rows;
    double share, of_lock = 0, most = 0;
    const struct profile_wait *holder = NULL;
    const char *function = wait_text_holder(weighing->profile, object, WAIT_THREAD_NONE, &share);

    if (function != NULL && share >= MOSTLY) {
        char *call = wait_text_call(function);
        char *text = memory_printf(", mostly behind %s", call);
        free(call);
        return text;
    }
    wait_rows_init(&rows, weighing->profile, WAIT_BY_OBJECT | WAIT_BY_PEER, is_chosen, &choice);
    for (size_t i = 0; i < rows.count; i++) {
        double blocked = (double)rows.rows[i].sums.blocked_ns;
        if (rows.rows[i].one->object != object)
            continue;
        of_lock += blocked;
        if (blocked > most && rows.rows[i].one->peer != 0) {
            most = blocked;
            holder = rows.rows[i].one;
        }
    }
    wait_rows_release(&rows);
    if (holder == NULL || most < MOSTLY * of_lock)
        return memory_strdup("");
    char *who = wait_text_peer(weighing->profile, holder);
    char *text = memory_printf(", mostly behind thread %s", who);
    free(who);
    return text;
}

static char *why_lock(const struct weighing *weighing)
{
    struct top top = top_of(weighing, WAIT_GROUP_LOCK, WAIT_BY_OBJECT);
    bool is_one = top.one != NULL && top.of_group >= MOSTLY && top.one->object != WAIT_OBJECT_NONE;

    if (!is_one)
        return memory_printf(
            "lock-bound: %s of thread time waits for locks, none of them with half "
            "of it",
            share_of(weighing, weighing->shares->group[WAIT_GROUP_LOCK]).text);
    char *name = wait_text_object(weighing->profile, top.one->object);
    char *who = behind(weighing, top.one->object);
    char *text = memory_printf("lock-bound: %s of thread time waits for %s%s",
                               share_of(weighing, top.blocked).text, name, who);
    free(who);
    free(name);
    return text;
}

/* " of /data/file in load()", as far as one is most of it. */
static char *where_of(const struct weighing *weighing, enum wait_group group)
{
    struct top object = top_of(weighing, group, WAIT_BY_OBJECT);
    struct top place = top_of(weighing, group, WAIT_BY_STACK);
    bool has_object =
        object.one != NULL && object.of_group >= MOSTLY && object.one->object != WAIT_OBJECT_NONE;
    bool has_place = place.one != NULL && place.of_group >= MOSTLY;
    char *name = has_object ? wait_text_object(weighing->profile, object.one->object) : NULL;
    char *call = has_place ? wait_text_call(wait_text_function(weighing->profile, place.one->stack))
                           : memory_strdup("");
    char *text = memory_printf("%s%s%s%s", has_object ? " of " : "", has_object ? name : "",
                               has_place ? " in " : "", call);

    free(call);
    free(name);
    return text;
}

/* What comes out of a pipe others write, or goes into one that others read: they are waited for,
 * unless they are threads of the recording. */
static bool is_of_others(const struct profile_wait *wait, const void *context)
{
    const struct weighing *weighing = context;
    const struct choice choice = {weighing->shares, WAIT_GROUP_IO};

    return is_chosen(wait, &choice) && wait->object != WAIT_OBJECT_NONE &&
           weighing->profile->objects[wait->object].kind == TRACE_OBJECT_PIPE &&
           wait->peer_thread == WAIT_THREAD_NONE;
}

static double blocked_by_others(const struct weighing *weighing)
{
    struct wait_rows rows;
    double blocked = 0;

    wait_rows_init(&rows, weighing->profile, 0, is_of_others, weighing);
    if (rows.count > 0)
        blocked = (double)rows.rows[0].sums.blocked_ns;
    wait_rows_release(&rows);
    return blocked;
}

static char *why_blocked(const struct weighing *weighing, const char *title, const char *what)
{
    double blocked = weighing->shares->group[WAIT_GROUP_IO];
    struct top kind = top_of(weighing, WAIT_GROUP_IO, WAIT_BY_KIND);
    char *where = where_of(weighing, WAIT_GROUP_IO);
    char *text = memory_printf("%s: %s of thread time waits for %s, mostly %s%s", title,
                               share_of(weighing, blocked).text, what,
                               kind.one != NULL ? wait_kind_name(kind.one->kind) : "", where);

    free(where);
    return text;
}

static char *why_io(const struct weighing *weighing)
{
    double by_others = blocked_by_others(weighing);
    if (by_others >= MOSTLY * weighing->shares->group[WAIT_GROUP_IO])
        return memory_printf("waiting for other processes: %s of thread time in pipes that others "
                             "write or read",
                             share_of(weighing, by_others).text);
    return why_blocked(weighing, "I/O-bound", "input and output");
}

/* Conditions, semaphores, joins, children: somebody else is to do something first. */
static char *why_sync(const struct weighing *weighing)
{
    struct top kind = top_of(weighing, WAIT_GROUP_SYNC, WAIT_BY_KIND);
    struct top peer = top_of(weighing, WAIT_GROUP_SYNC, WAIT_BY_PEER);
    struct unit_text share = share_of(weighing, weighing->shares->group[WAIT_GROUP_SYNC]);
    char *where = where_of(weighing, WAIT_GROUP_SYNC);
    bool has_peer = peer.one != NULL && peer.one->peer != 0 && peer.of_group >= MOSTLY;
    char *who = has_peer ? wait_text_peer(weighing->profile, peer.one) : NULL;
    uint32_t most = kind.one != NULL ? kind.one->kind : TRACE_WAIT_CONDITION;
    char *text;

    if (most == TRACE_WAIT_CHILD)
        text = memory_printf("waiting for other processes: %s of thread time%s%s%s", share.text,
                             has_peer ? ", mostly for " : "", has_peer ? who : "", where);
    else
        text =
            memory_printf("waiting for each other: %s of thread time in waits for other threads, "
                          "mostly %s%s%s%s",
                          share.text, wait_kind_name(most), where, has_peer ? ", until " : "",
                          has_peer ? who : "");
    free(who);
    free(where);
    return text;
}

static char *why_idle(const struct weighing *weighing, enum wait_group group)
{
    double share = weighing->shares->group[group];
    char *where = where_of(weighing, group);
    struct top kind = top_of(weighing, group, WAIT_BY_KIND);
    const char *call = kind.one != NULL ? wait_kind_name(kind.one->kind) : "sleep";
    struct unit_text of_time = share_of(weighing, share);
    char *text;

    if (share >= MOSTLY * weighing->shares->wall)
        text = memory_printf("mostly idle: %s of thread time in %s%s", of_time.text, call, where);
    else
        text = memory_printf("%s: %s of thread time in %s%s%s",
                             group == WAIT_GROUP_SLEEP ? "sleeping" : "polling", of_time.text, call,
                             *where != '\0' ? ", mostly" : "", where);

    free(where);
    return text;
}

static char *why_other(const struct weighing *weighing)
{
    bool looked = false;

    for (size_t i = 0; i < weighing->profile->process_count; i++)
        looked |= weighing->profile->processes[i].looks > 0;
    return memory_printf(
        "blocked where no hook sees it: %s of thread time (the C library's own reads and writes, "
        "page faults, waits too short to be told of, direct system calls)%s",
        share_of(weighing, weighing->shares->group[WAIT_GROUP_OTHER]).text,
        looked ? "" : "; --clock wall finds out where");
}

static char *why_rest(const struct weighing *weighing, enum wait_group group)
{
    char *where = where_of(weighing, group);
    char *text =
        memory_printf("bound by %ss: %s of thread time waits for them%s", wait_group_name(group),
                      share_of(weighing, weighing->shares->group[group]).text, where);

    free(where);
    return text;
}

/* The group of waits with most time; one that follows from others only where it is larger. */
static enum wait_group largest_group(const struct time_shares *shares)
{
    static const enum wait_group order[] = {
        WAIT_GROUP_LOCK, WAIT_GROUP_IO,    WAIT_GROUP_FILE_LOCK, WAIT_GROUP_NAME_LOOKUP,
        WAIT_GROUP_SYNC, WAIT_GROUP_SLEEP, WAIT_GROUP_POLL,      WAIT_GROUP_OTHER};
    enum wait_group largest = order[0];

    for (size_t i = 1; i < sizeof(order) / sizeof(*order); i++)
        if (shares->group[order[i]] > shares->group[largest])
            largest = order[i];
    return largest;
}

/* Threads that will never go on, whatever the others do; NULL: there are none. */
static char *why_deadlock(const struct profile *profile)
{
    struct lock_order order;
    char *text = NULL;

    lock_order_init(&order, profile);
    if (order.cycle_count > 0 && order.cycles[0].deadlock) {
        const struct lock_cycle *cycle = &order.cycles[0];
        text = memory_strdup("deadlock:");
        for (size_t i = 0; i < cycle->count; i++) {
            char *who = wait_text_thread(profile, cycle->edges[i]->holder->thread, 0);
            char *held = wait_text_object(profile, cycle->edges[i]->held);
            char *asked = wait_text_object(profile, cycle->edges[i]->asked);
            char *longer = memory_printf("%s%s %s has %s and waits for %s", text, i > 0 ? "," : "",
                                         who, held, asked);
            free(asked);
            free(held);
            free(who);
            free(text);
            text = longer;
        }
    }
    lock_order_release(&order);
    return text;
}

/* What goes before every weighing; NULL: nothing. */
static char *why_first(const struct profile *profile, const struct time_shares *shares)
{
    char *deadlock = why_deadlock(profile);

    if (deadlock != NULL)
        return deadlock;
    if (shares->wall < TIME_LEAST_NS)
        return memory_printf("too short to tell: %s of thread time, much of it start and end",
                             units_duration((int64_t)shares->wall).text);
    return NULL;
}

static char *why_group(const struct weighing *weighing, enum wait_group group)
{
    switch (group) {
    case WAIT_GROUP_LOCK:
        return why_lock(weighing);
    case WAIT_GROUP_IO:
        return why_io(weighing);
    case WAIT_GROUP_SYNC:
        return why_sync(weighing);
    case WAIT_GROUP_SLEEP:
    case WAIT_GROUP_POLL:
        return why_idle(weighing, group);
    case WAIT_GROUP_OTHER:
        return why_other(weighing);
    default:
        return why_rest(weighing, group);
    }
}

char *why_text(const struct profile *profile, const struct time_shares *shares)
{
    const struct weighing weighing = {profile, shares};
    enum wait_group group = largest_group(shares);
    double waits = shares->group[group];

    if (shares->wall <= 0)
        return NULL;
    char *first = why_first(profile, shares);
    if (first != NULL)
        return first;
    if (shares->on >= waits && shares->on >= shares->runnable)
        return why_cpu(&weighing);
    if (shares->runnable >= waits)
        return why_runnable(&weighing);
    return why_group(&weighing, group);
}

static enum wait_group larger(const struct time_shares *shares, enum wait_group a,
                              enum wait_group b)
{
    return shares->group[b] > shares->group[a] ? b : a;
}

/* Where the sentence does not begin with the verdict it ends with it: both stand on one page. Takes
 * `text`. */
static char *with_verdict(char *text, const char *verdict)
{
    char *both = memory_printf("%s; %s", text, verdict);

    free(text);
    return both;
}

/* Of a program that nothing limits: what it waits for, where that is most. */
static char *why_balanced(const struct weighing *weighing, const char *verdict)
{
    const struct time_shares *shares = weighing->shares;
    enum wait_group group = largest_group(shares);
    double waits = shares->group[group];
    bool is_others = (group == WAIT_GROUP_IO && blocked_by_others(weighing) >= MOSTLY * waits) ||
                     (group == WAIT_GROUP_SYNC && shares->kind[TRACE_WAIT_CHILD] >= MOSTLY * waits);
    bool is_idle = group == WAIT_GROUP_SLEEP || group == WAIT_GROUP_POLL;

    if (waits > shares->on && waits > shares->runnable && (is_others || is_idle))
        return with_verdict(why_group(weighing, group), "no resource limits it (balanced)");
    return memory_strdup(verdict);
}

/* By the class, in the words of this file where hooks and clocks have more to tell than it. */
static char *why_class(const struct weighing *weighing, const struct judgement *judgement)
{
    const struct time_shares *shares = weighing->shares;
    double strength = judgement->classes[judgement->verdict].strength * shares->wall;
    enum wait_group group;

    switch (judgement->verdict) {
    case BOTTLENECK_CPU:
        return shares->on >= shares->runnable ? why_cpu(weighing) : why_runnable(weighing);
    case BOTTLENECK_CONTENTION:
        group = larger(shares, WAIT_GROUP_LOCK, WAIT_GROUP_SYNC);
        return why_group(weighing, larger(shares, group, WAIT_GROUP_FILE_LOCK));
    case BOTTLENECK_IO:
        if (shares->group[WAIT_GROUP_IO] < MOSTLY * strength)
            break;
        return why_io(weighing);
    case BOTTLENECK_NETWORK:
        group = larger(shares, WAIT_GROUP_IO, WAIT_GROUP_NAME_LOOKUP);
        return group == WAIT_GROUP_IO ? why_blocked(weighing, "network-bound", "the network")
                                      : why_group(weighing, group);
    default:
        break;
    }
    return memory_strdup(judgement->text);
}

char *why_judged(const struct profile *profile, const struct time_shares *shares,
                 const struct judgement *judgement)
{
    const struct weighing weighing = {profile, shares};

    if (judgement == NULL || shares->wall <= 0)
        return why_text(profile, shares);
    char *first = why_first(profile, shares);
    if (first != NULL)
        return first;
    if (judgement->verdict == BOTTLENECK_UNKNOWN)
        return with_verdict(why_other(&weighing), "what limits it cannot be told (insufficient "
                                                  "data)");
    if (judgement->verdict == BOTTLENECK_BALANCED)
        return why_balanced(&weighing, judgement->text);
    return why_class(&weighing, judgement);
}
