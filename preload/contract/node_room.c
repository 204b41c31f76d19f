/*
 * Room for stack nodes. Its own file because producers, who serves the ring and the drain all go by
 * the same rules.
 */
#include "preload/contract/node_room.h"

uint32_t node_room_era_start_sigsafe(const struct ring_file *ring)
{
    uint32_t next = __atomic_load_n(&ring->node_next, __ATOMIC_ACQUIRE);
    return (next - 1) &
           ~(node_room_era(ring) - 1); /* one begins when its first one is given away */
}

uint32_t node_room_left_sigsafe(const struct ring_file *ring)
{
    uint32_t next = __atomic_load_n(&ring->node_next, __ATOMIC_RELAXED);
    uint32_t left = __atomic_load_n(&ring->node_limit, __ATOMIC_ACQUIRE) - next;
    return left <= ring->node_capacity ? left : 0; /* none, and somebody was beyond it */
}

bool node_room_is_short(const struct ring_file *ring)
{
    uint32_t next = __atomic_load_n(&ring->node_next, __ATOMIC_RELAXED);
    return next - ring->node_floor > ring->node_capacity / 2;
}

void node_room_extend(struct ring_file *ring, int (*populate)(const void *start, size_t size))
{
    const uint32_t batch = RING_NODE_BATCH;
    uint32_t limit = __atomic_load_n(&ring->node_limit, __ATOMIC_RELAXED);
    uint32_t floor = __atomic_load_n(&ring->node_floor, __ATOMIC_ACQUIRE);
    uint32_t more = ring->node_capacity - (limit - floor); /* none of them is in use */
    if (more < batch || more > ring->node_capacity)
        return;
    if (limit < ring->node_capacity) { /* they have no memory yet */
        if (node_room_left_sigsafe(ring) > batch / 2 ||
            populate(ring_node_at(ring, limit), batch * sizeof(struct ring_node)) != 0)
            return;
        more = batch;
    }
    __atomic_compare_exchange_n(&ring->node_limit, &limit, limit + more, false, __ATOMIC_RELEASE,
                                __ATOMIC_RELAXED);
}

/* The drain knows by its code whether a node whose number is given away is filled in. */
static void clear(struct ring_file *ring, uint32_t from, uint32_t to)
{
    for (; from != to; from++)
        __atomic_store_n(&ring_node_at(ring, from)->code, 0, __ATOMIC_RELAXED);
}

bool node_room_recycle(struct ring_file *ring, uint32_t floor)
{
    uint32_t before = ring->node_floor, gone = floor - before;
    if (!gone || gone > ring->node_next - before || gone > ring->node_capacity)
        return false;
    clear(ring, before, floor);
    __atomic_store_n(&ring->node_floor, floor, __ATOMIC_RELEASE); /* pairs with extending */
    return true;
}
