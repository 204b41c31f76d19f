/*
 * The pool of segments. Its own file because waiting for the drain happens here and nowhere
 * else.
 */
#include "preload/heap_pool.h"

#include "preload/bell.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/node_room.h"
#include "preload/outside.h"
#include "preload/pages.h"
#include "preload/platform.h"
#include "preload/ring.h"
#include "preload/signals.h"

#include <errno.h>

/* A wake-up that is missed costs that much, and so long the target's signals may have to wait. */
#define NAP_NS 10000000u

static struct ring_file *ring;
static bool closed; /* nobody drains any more */

void heap_pool_use(struct ring_file *file, uint32_t limit)
{
    ring = file;
    ring->pool.limit = limit;
    closed = false;
}

bool heap_pool_is_open(void)
{
    return ring && !__atomic_load_n(&closed, __ATOMIC_ACQUIRE);
}

void heap_pool_close(void)
{
    __atomic_store_n(&closed, true, __ATOMIC_RELEASE);
    if (ring)
        bell_wake_word_sigsafe(&ring->pool.freed);
}

static struct ring_segment *try_segment(uint32_t index)
{
    struct ring_segment *segment = ring_segment_at(ring, index);
    uint32_t expected = RING_SEGMENT_FREE;
    if (__atomic_load_n(&segment->state, __ATOMIC_RELAXED) != RING_SEGMENT_FREE ||
        !__atomic_compare_exchange_n(&segment->state, &expected, RING_SEGMENT_CLAIMED, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return NULL;
    return segment;
}

/* The first of them: those that were used last are in the processor's cache. Whether there is
 * any is known without looking at each, which takes 20 us where there are 256; of one that is
 * just being given back who waits hears by pool->freed. */
static struct ring_segment *find_free(void)
{
    const struct ring_pool *pool = &ring->pool;
    uint32_t count = __atomic_load_n(&pool->count, __ATOMIC_ACQUIRE);
    uint32_t full = __atomic_load_n(
        &pool->full, __ATOMIC_ACQUIRE); /* first: who gives one away is counted twice */
    struct ring_segment *segment = NULL;
    if (full + __atomic_load_n(&pool->live, __ATOMIC_RELAXED) >= count)
        return NULL;
    for (uint32_t i = 0; i < count && !segment; i++)
        segment = try_segment(i);
    return segment;
}

/* Makes one more segment. Those who lose the race have one each as well: they look again.
 * -EAGAIN at the limit, -ENOSPC when there is no memory. */
static int add_segment(void)
{
    struct ring_pool *pool = &ring->pool;
    uint32_t count = __atomic_load_n(&pool->count, __ATOMIC_ACQUIRE);
    uint32_t live = __atomic_load_n(&pool->live, __ATOMIC_RELAXED);
    if (count >= pool->capacity || (count > live && count - live >= pool->limit))
        return -EAGAIN;
    if (pages_populate(ring_segment_at(ring, count), sizeof(struct ring_segment)) != 0)
        return -ENOSPC;
    __atomic_compare_exchange_n(&pool->count, &count, count + 1, false, __ATOMIC_RELEASE,
                                __ATOMIC_RELAXED);
    return 0;
}

static bool is_drained(void)
{
    return !__atomic_load_n(&ring->keeper_failed, __ATOMIC_ACQUIRE) && !outside_is_deserted();
}

/* Handlers that wait for their turn have it. */
static void let_signals_in(uint64_t signals)
{
    signals_restore_sigsafe(signals);
    signals_block_all_sigsafe();
}

/* NULL after so long without anything drained. */
static struct ring_segment *await_segment(uint64_t stall_ns, uint64_t signals)
{
    struct ring_pool *pool = &ring->pool;
    uint64_t begin = libc_clock_now_sigsafe(), deadline = begin + stall_ns, let_in = begin + NAP_NS;
    uint32_t seen = __atomic_load_n(&pool->freed, __ATOMIC_ACQUIRE);
    for (;;) {
        struct ring_segment *segment = find_free();
        int status = segment ? 0 : add_segment();
        uint32_t freed = __atomic_load_n(&pool->freed, __ATOMIC_ACQUIRE);
        uint64_t now = libc_clock_now_sigsafe();
        if (segment)
            return segment;
        if (status == 0) /* it is there; on a busy machine it may have taken all the time */
            continue;
        if (freed != seen)
            deadline = now + stall_ns;
        if (now >= let_in) {
            let_signals_in(signals);
            let_in = now + NAP_NS;
        }
        bool idle = status == -ENOSPC && !__atomic_load_n(&pool->full, __ATOMIC_RELAXED);
        if (__atomic_load_n(&closed, __ATOMIC_ACQUIRE) || now >= deadline || !is_drained() ||
            (idle && freed == seen))
            return NULL;
        if (freed == seen) {
            bell_ring_sigsafe();
            bell_wait_word(&pool->freed, freed, NAP_NS);
        }
        seen = freed;
    }
}

bool heap_pool_await_nodes(uint64_t stall_ns)
{
    static bool stalled; /* nobody waits once more, before there was some */
    int saved_errno = errno;
    const uint64_t deadline = libc_clock_now_sigsafe() + stall_ns;
    for (;;) {
        uint32_t freed = __atomic_load_n(&ring->pool.freed, __ATOMIC_ACQUIRE);
        ring_extend_nodes(ring);
        bool room = node_room_left_sigsafe(ring) > 0, late = libc_clock_now_sigsafe() >= deadline;
        if (room || late)
            __atomic_store_n(&stalled, !room, __ATOMIC_RELAXED);
        if (room || late || __atomic_load_n(&stalled, __ATOMIC_RELAXED) || !heap_pool_is_open() ||
            !is_drained() || !node_room_is_short(ring))
            break;
        bell_ring_sigsafe();
        bell_wait_word(&ring->pool.freed, freed, NAP_NS);
    }
    errno = saved_errno;
    return node_room_left_sigsafe(ring) > 0;
}

struct ring_segment *heap_pool_take(struct ring_slot *slot, uint32_t stream, uint64_t serial,
                                    uint64_t stall_ns, uint64_t signals)
{
    int saved_errno = errno;
    struct ring_segment *segment = find_free();
    if (!segment)
        segment = await_segment(stall_ns, signals);
    errno = saved_errno;
    if (!segment)
        return NULL;
    segment->slot = ring_slot_index(ring, slot);
    segment->slot_serial = slot->serial;
    segment->stream = stream;
    segment->serial = serial;
    segment->taken_at = segment->taken = segment->written = 0;
    segment->committed = segment->places = 0;
    __atomic_add_fetch(&slot->segments, 1, __ATOMIC_RELAXED); /* a handler may come between */
    __atomic_add_fetch(&ring->pool.live, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&segment->state, RING_SEGMENT_LIVE, __ATOMIC_RELEASE);
    return segment;
}

void heap_pool_give(struct ring_segment *segment)
{
    struct ring_pool *pool = &ring->pool;
    uint32_t share = ring_pool_share(pool);
    __atomic_sub_fetch(&pool->live, 1, __ATOMIC_RELAXED);
    uint32_t full = __atomic_add_fetch(&pool->full, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&segment->state, RING_SEGMENT_FULL, __ATOMIC_RELEASE);
    if (full % share == 0)
        bell_ring_sigsafe();
}
