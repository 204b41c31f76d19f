/* Shares of threads' time. Its own file because every report that gives a verdict asks for them. */
#include "analyzer/model/time_shares.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

#define LOOKED_LEAST 0.5 /* of the time blocked: from here on looks speak for the rest */

/* Waits of which nobody can say that they cost the program anything. */
static bool is_for_work(uint32_t kind)
{
    switch (wait_kind_group(kind)) {
    case WAIT_GROUP_SYNC:
        return kind != TRACE_WAIT_BARRIER;
    case WAIT_GROUP_SLEEP:
    case WAIT_GROUP_POLL:
        return true;
    default:
        return kind == TRACE_WAIT_ACCEPT || kind == TRACE_WAIT_IO_EVENTS;
    }
}

/* By their entries; CPU time, which those have sampled, by the clocks where nothing was left out: of
 * a thread that ran for less than a tick there is no sample. */
static struct thread_share *sums_of(const struct profile *profile)
{
    struct thread_share *sums = memory_alloc((profile->thread_count + 1) * sizeof(*sums));

    for (size_t i = 0; i < profile->entries.count; i++) {
        struct thread_share *sum = &sums[profile->entries.places[i].thread];
        double wall = (double)entries_value(&profile->entries, i, METRIC_WALL);
        double off = (double)entries_value(&profile->entries, i, METRIC_OFFCPU);
        sum->on += wall - off;
        sum->off += off;
        sum->runnable += (double)entries_value(&profile->entries, i, METRIC_RUNNABLE);
    }
    for (size_t i = 0; i < profile->thread_count && profile->part == NULL; i++)
        if (profile->threads[i].time.known)
            sums[i].on = (double)profile->threads[i].time.cpu_ns;
    return sums;
}

/* Looks come once a second, hooks see each call: of a thread whose waits only looks found (one that
 * an allocator made, say) what it was blocked for before the first and between them is of the kinds
 * that they found, if they found it blocked for half of that time. */
static double for_work_between_looks(const struct profile_thread *thread,
                                     const struct thread_share *sum)
{
    double blocked = sum->off - sum->runnable, looked = (double)thread->time.looked_ns;

    if (thread->time.hooked_ns > 0 || looked < LOOKED_LEAST * blocked || looked >= blocked)
        return 0;
    return (blocked - looked) * sum->for_work / looked;
}

/* Which threads are idle; how many have any time at all. */
static void find_idle(struct time_shares *shares, const struct profile *profile,
                      struct thread_share *sums)
{
    for (size_t i = 0; i < profile->wait_count; i++) {
        const struct profile_wait *wait = &profile->waits[i];
        if (is_for_work(wait->kind))
            sums[wait->thread].for_work += (double)wait->sums.blocked_ns;
    }
    for (size_t i = 0; i < profile->thread_count; i++) {
        double wall = sums[i].on + sums[i].off;
        sums[i].for_work += for_work_between_looks(&profile->threads[i], &sums[i]);
        bool is_idle = wall > 0 && sums[i].for_work >= TIME_IDLE_SHARE * wall;
        shares->is_idle[i] = is_idle;
        shares->threads += wall > 0;
        shares->idle_threads += is_idle;
    }
    if (shares->idle_threads == shares->threads) {
        for (size_t i = 0; i < profile->thread_count; i++)
            shares->is_idle[i] = false;
        shares->idle_threads = 0;
    }
}

static void add_threads(struct time_shares *shares, const struct profile *profile,
                        const struct thread_share *sums)
{
    for (size_t i = 0; i < profile->thread_count; i++) {
        if (shares->is_idle[i]) {
            shares->idle += sums[i].on + sums[i].off;
            continue;
        }
        shares->wall += sums[i].on + sums[i].off;
        shares->on += sums[i].on;
        shares->runnable += sums[i].runnable;
        shares->waiting += sums[i].off - sums[i].runnable;
    }
}

void time_shares_init(struct time_shares *shares, const struct profile *profile)
{
    *shares = (struct time_shares){.is_idle = memory_alloc(profile->thread_count + sizeof(bool))};
    struct thread_share *sums = sums_of(profile);
    find_idle(shares, profile, sums);
    add_threads(shares, profile, sums);
    shares->of_thread = sums;
    shares->group[WAIT_GROUP_OTHER] = shares->waiting;
    for (size_t i = 0; i < profile->wait_count; i++) {
        const struct profile_wait *wait = &profile->waits[i];
        enum wait_group group = wait_kind_group(wait->kind);
        double blocked = shares->is_idle[wait->thread] ? 0 : (double)wait->sums.blocked_ns;
        shares->kind[wait_kind_of(wait->kind)] += blocked;
        if (group == WAIT_GROUP_OTHER)
            continue;
        shares->group[group] += blocked;
        shares->group[WAIT_GROUP_OTHER] -= blocked;
    }
}

void time_shares_release(struct time_shares *shares)
{
    free(shares->of_thread);
    free(shares->is_idle);
}
