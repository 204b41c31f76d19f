/* From ticks to times. Its own file because the drain and the wall clock ask. */
#include "preload/contract/wait_time.h"

#include "preload/contract/libc_clock.h"
#include "preload/contract/ticks.h"

/* The ring has one pair of both clocks, and this moment is another. */
static uint64_t time_of_ticks_sigsafe(const struct ring_file *ring, uint64_t ticks)
{
    uint64_t now_ns = libc_clock_now_sigsafe();
    uint64_t now = ticks_now_sigsafe((enum ticks_kind)ring->wait_clock);
    if (now <= ring->wait_ticks || now_ns <= ring->wait_ns || ticks < ring->wait_ticks ||
        ticks > now)
        return 0;
    double ns_per_tick = (double)(now_ns - ring->wait_ns) / (double)(now - ring->wait_ticks);
    return ring->wait_ns + (uint64_t)((double)(ticks - ring->wait_ticks) * ns_per_tick);
}

uint64_t wait_time_begin_sigsafe(const struct ring_file *ring, const struct ring_slot *slot)
{
    /* Pairs with the store that is the last when a wait begins. */
    uint32_t kind = __atomic_load_n(&slot->waiting.kind, __ATOMIC_ACQUIRE);
    uint64_t ticks = __atomic_load_n(&slot->waiting.ticks, __ATOMIC_RELAXED);
    return kind && ring->wait_clock ? time_of_ticks_sigsafe(ring, ticks) : 0;
}

uint64_t wait_time_hooked_sigsafe(const struct ring_file *ring, const struct ring_slot *slot,
                                  uint64_t now_ns, bool *waits)
{
    uint64_t begin_ns = wait_time_begin_sigsafe(ring, slot);
    uint64_t length = begin_ns && now_ns > begin_ns ? now_ns - begin_ns : 0;
    *waits = length && length >= ring->wait_threshold_ns;
    return __atomic_load_n(&slot->waiting.hooked_ns, __ATOMIC_RELAXED) + (*waits ? length : 0);
}
