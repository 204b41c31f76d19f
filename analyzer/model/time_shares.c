/* Shares of threads' time. Its own file because every report that gives a verdict asks for them. */
#include "analyzer/model/time_shares.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

struct thread_sum {
    double wall, for_work;
};

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

/* Which threads are idle; how many have any time at all. */
static void find_idle(struct time_shares *shares, const struct profile *profile)
{
    struct thread_sum *sums = memory_alloc((profile->thread_count + 1) * sizeof(*sums));

    for (size_t i = 0; i < profile->entry_count; i++) {
        const struct profile_entry *entry = &profile->entries[i];
        sums[entry->thread].wall += (double)entry->value[METRIC_WALL];
    }
    for (size_t i = 0; i < profile->wait_count; i++) {
        const struct profile_wait *wait = &profile->waits[i];
        if (is_for_work(wait->kind))
            sums[wait->thread].for_work += (double)wait->sums.blocked_ns;
    }
    for (size_t i = 0; i < profile->thread_count; i++) {
        bool is_idle = sums[i].wall > 0 && sums[i].for_work >= TIME_IDLE_SHARE * sums[i].wall;
        shares->is_idle[i] = is_idle;
        shares->threads += sums[i].wall > 0;
        shares->idle_threads += is_idle;
    }
    if (shares->idle_threads == shares->threads) {
        for (size_t i = 0; i < profile->thread_count; i++)
            shares->is_idle[i] = false;
        shares->idle_threads = 0;
    }
    for (size_t i = 0; i < profile->thread_count; i++)
        shares->idle += shares->is_idle[i] ? sums[i].wall : 0;
    free(sums);
}

static void add_entries(struct time_shares *shares, const struct profile *profile)
{
    for (size_t i = 0; i < profile->entry_count; i++) {
        const struct profile_entry *entry = &profile->entries[i];
        if (shares->is_idle[entry->thread])
            continue;
        double wall = (double)entry->value[METRIC_WALL], off = (double)entry->value[METRIC_OFFCPU];
        double runnable = (double)entry->value[METRIC_RUNNABLE];
        shares->wall += wall;
        shares->on += wall - off;
        shares->runnable += runnable;
        shares->waiting += off - runnable;
    }
}

void time_shares_init(struct time_shares *shares, const struct profile *profile)
{
    *shares = (struct time_shares){.is_idle = memory_alloc(profile->thread_count + sizeof(bool))};
    find_idle(shares, profile);
    add_entries(shares, profile);
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
    free(shares->is_idle);
}
