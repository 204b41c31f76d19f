/*
 * Reading a thread's time. Its own file because what counts as used is decided here
 * alone.
 */
#include "preload/contract/thread_time.h"

#include "preload/contract/libc_clock.h"

#include <stdbool.h>

static uint64_t clock_ns(const struct ring_slot *slot)
{
    clockid_t clock = (clockid_t)((~(unsigned)slot->tid) << 3 | 6); /* see clock_getcpuclockid(3) */
    bool known = slot->end_ns || slot->cpu_end_ns;
    uint64_t now = known ? slot->cpu_end_ns : libc_clock_read_sigsafe(clock);
    if (!known && now < slot->cpu_seen_ns)
        now = slot->cpu_seen_ns;
    return now > slot->cpu_start_ns ? now : slot->cpu_start_ns;
}

static uint64_t larger(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

/* Nor has a thread used less than its samples stand for. */
void thread_time_settle(struct ring_file *ring)
{
    for (uint32_t i = 0; i < ring->slot_count; i++) {
        struct ring_slot *slot = ring_slot_at(ring, i);
        uint64_t least = slot->cpu_start_ns + slot->paused_ns + slot->periods * ring->period_ns;
        if (!slot->end_ns)
            slot->cpu_end_ns =
                larger(larger(slot->cpu_end_ns, slot->cpu_seen_ns), larger(least, 1));
    }
}

struct thread_time thread_time_of(const struct ring_slot *slot)
{
    uint64_t now = clock_ns(slot);
    /* Pairs with the stores at the beginning and the end of a pause; the one it is in counts
     * up to now. */
    uint64_t since = __atomic_load_n(&slot->paused_since_ns, __ATOMIC_ACQUIRE);
    uint64_t before = __atomic_load_n(&slot->paused_ns, __ATOMIC_RELAXED);
    uint64_t paused = before + (since && now > since ? now - since : 0);
    uint64_t used = now - slot->cpu_start_ns;
    return (struct thread_time){.cpu_ns = used, .paused_ns = paused < used ? paused : used};
}

uint64_t thread_time_rest_ns(const struct ring_file *ring, const struct ring_slot *slot,
                             const struct thread_time *time)
{
    uint64_t used_ns = time->cpu_ns - time->paused_ns;
    uint64_t sampled_ns = slot->periods * ring->period_ns;
    bool brief = used_ns < ring->step_ns && !slot->on_time;
    if (!ring->step_ns || (brief && !slot->periods))
        return 0;
    uint64_t all_ns = brief ? ring->step_ns : used_ns;
    return all_ns > sampled_ns ? all_ns - sampled_ns : 0;
}

uint32_t thread_time_rest_stack(const struct ring_file *ring, const struct ring_slot *slot,
                                uint64_t rest_ns)
{
    bool somewhere = slot->on_time && rest_ns > ring->step_ns;
    return somewhere ? TRACE_STACK_COMPLETE : slot->last_stack;
}
