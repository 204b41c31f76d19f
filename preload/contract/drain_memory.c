/*
 * What the drain adds of memory beside the threads' own records. Its own file because
 * none of it comes from a ring.
 */
#include "preload/contract/drain_memory.h"

#include "preload/contract/drain_batch.h"
#include "preload/contract/encode_heap.h"

/* Modulo 2^64: a thread may free more than it allocated. */
static uint64_t live_of(const struct ring_slot *slot)
{
    return __atomic_load_n(&slot->memory.alloc_bytes, __ATOMIC_RELAXED) -
           __atomic_load_n(&slot->memory.free_bytes, __ATOMIC_RELAXED);
}

void drain_memory_ended(struct drain *drain, const struct ring_slot *slot)
{
    drain->ring->ended_live += live_of(slot);
}

uint64_t drain_live(struct ring_file *ring)
{
    uint64_t live = ring->ended_live;
    uint32_t count = __atomic_load_n(&ring->slot_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++)
        if (ring_slot_in_use(ring_slot_at(ring, i)))
            live += live_of(ring_slot_at(ring, i));
    return live;
}

void drain_look(struct ring_file *ring, const struct resident_look *look)
{
    uint32_t put = ring->looks_put;
    put -= put - __atomic_load_n(&ring->looks_taken, __ATOMIC_ACQUIRE) >= RING_LOOKS;
    ring->memory_looks[put % RING_LOOKS] = *look;
    __atomic_store_n(&ring->looks_put, put + 1, __ATOMIC_RELEASE);
}

/* Those there are; of a ring that was found lying about no more than it can hold. */
static void put_looks(struct drain *drain)
{
    const struct ring_file *ring = drain->ring;
    uint32_t next = ring->looks_taken;
    drain->looks_put = __atomic_load_n(&ring->looks_put, __ATOMIC_ACQUIRE);
    if (drain->looks_put - next > RING_LOOKS)
        next = drain->looks_put - RING_LOOKS;
    for (; next != drain->looks_put; next++) {
        struct resident_look look = ring->memory_looks[next % RING_LOOKS];
        look.file[RESIDENT_FILE_MAX] = '\0';
        drain->records += encode_resident(&drain->payload, &drain->columns, &look);
        drain_note_time(drain, look.time_ns);
    }
}

/* What was dropped of exact heap events, when that is more than before. */
static void put_heap_until(struct drain *drain, uint64_t until_ns)
{
    uint64_t lost = __atomic_load_n(&drain->ring->heap_lost, __ATOMIC_RELAXED);
    bool known = drain->ring->pool.count || drain->dropping;
    if (!drain->has_heap && (!known || lost == drain->heap_lost))
        return;
    drain->heap_lost = lost;
    drain->records += encode_heap_until(&drain->payload, &drain->columns, until_ns, lost);
}

void drain_put_memory(struct drain *drain, uint64_t until_ns)
{
    struct buffer *to = &drain->payload, *body = &drain->columns;
    uint64_t lost = __atomic_load_n(&drain->ring->mappings_lost, __ATOMIC_RELAXED);
    put_heap_until(drain, until_ns);
    if (lost != drain->mappings_lost)
        drain->records += encode_mappings_lost(to, body, lost);
    drain->mappings_lost = lost;
    put_looks(drain);
}
