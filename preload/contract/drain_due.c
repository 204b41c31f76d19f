/*
 * When to drain. Its own file because it only looks at the ring, and both who drain ask alike.
 */
#include "preload/contract/drain_due.h"

#include "preload/contract/drain_resources.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/node_room.h"
#include "preload/contract/pace.h"

#define LOOKS_NS 10000000000ull /* looks alone are written at such intervals */

unsigned drain_fill(const struct drain *drain)
{
    uint64_t most = 0;
    uint32_t count = __atomic_load_n(&drain->ring->slot_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        struct ring_slot *slot = ring_slot_at(drain->ring, i);
        if (!ring_slot_in_use(slot))
            continue;
        uint64_t waiting = __atomic_load_n(&slot->reserved, __ATOMIC_RELAXED) - slot->consumed;
        most = waiting > most ? waiting : most;
    }
    return (unsigned)((most * 100 + RING_DATA_SIZE - 1) / RING_DATA_SIZE);
}

/* True when exact heap events wait; `many` is set when they are worth a pass. */
static bool has_events(const struct drain *drain, bool *many)
{
    const struct ring_pool *pool = &drain->ring->pool;
    uint32_t count = __atomic_load_n(&pool->count, __ATOMIC_ACQUIRE);
    uint32_t full = __atomic_load_n(&pool->full, __ATOMIC_RELAXED);
    bool any = full > 0;
    *many = full >= ring_pool_share(pool);
    for (uint32_t i = 0; i < count && !any; i++) {
        const struct ring_segment *segment = ring_segment_at(drain->ring, i);
        any = __atomic_load_n(&segment->state, __ATOMIC_ACQUIRE) == RING_SEGMENT_LIVE &&
              __atomic_load_n(&segment->committed, __ATOMIC_RELAXED) != segment->written;
    }
    return any;
}

bool drain_has_samples(const struct drain *drain, struct ring_file *ring)
{
    bool any = drain->chunks_written > 0 || ring->trace_chunks > 0;
    for (uint32_t i = 0; i < ring->slot_count && !any; i++) {
        const struct ring_slot *slot = ring_slot_at(ring, i);
        any = slot->samples > 0 || slot->reserved > 0 || slot->segments > 0;
    }
    return any;
}

bool drain_waits(const struct drain *drain)
{
    uint32_t count = __atomic_load_n(&drain->ring->slot_count, __ATOMIC_ACQUIRE);
    const struct ring_file *ring = drain->ring;
    uint32_t looks = __atomic_load_n(&ring->looks_put, __ATOMIC_ACQUIRE) - ring->looks_taken;
    uint64_t oldest_ns = ring->memory_looks[ring->looks_taken % RING_LOOKS].time_ns;
    if (looks && libc_clock_now_sigsafe() - oldest_ns > LOOKS_NS)
        return true;
    for (uint32_t i = 0; i < count; i++)
        if (__atomic_load_n(&ring_slot_at(drain->ring, i)->state, __ATOMIC_ACQUIRE) ==
            RING_SLOT_ENDED)
            return true;
    return false;
}

/* Slots of ended threads are free again when they are written: short threads must not
 * wait for the time to come round, or they take all there are. */
static bool many_ended(const struct drain *drain, uint32_t before)
{
    uint32_t ended = __atomic_load_n(&drain->ring->slots_ended, __ATOMIC_RELAXED);
    return ended - before >= RING_ENDED_BATCH;
}

bool drain_is_due(const struct drain *drain, uint64_t begun_ns, uint64_t last_ns, uint32_t ended)
{
    bool many_events, events = has_events(drain, &many_events);
    unsigned fill = drain_fill(drain);
    /* The first samples at once: then a trace is there, however the process ends. */
    bool due = !drain->chunks_written ||
               last_ns >= pace_soon_ns(begun_ns, PACE_WRITE_MIN_NS, PACE_WRITE_MAX_NS);
    return fill >= DRAIN_WRITE_FILL || many_events || node_room_is_short(drain->ring) ||
           many_ended(drain, ended) || drain_resources_wait(drain) ||
           (due && (fill || events || drain_waits(drain)));
}
