/* The pool of segments: how many there are, and who waits for what. */
#include "preload/heap_pool.h"
#include "preload/signals.h"
#include "tests/unit/segments_fixture.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <unistd.h>

TestSuite(heap_pool, .init = segments_start, .fini = ring_stop, .timeout = 30);

static struct ring_segment *take(uint64_t serial, uint64_t stall_ns)
{
    uint64_t signals = signals_block_all_sigsafe();
    struct ring_segment *segment = heap_pool_take(slot, 0, serial, stall_ns, signals);
    signals_restore_sigsafe(signals);
    return segment;
}

/* As the drain does. */
static void free_one(struct ring_segment *segment)
{
    __atomic_store_n(&segment->state, RING_SEGMENT_FREE, __ATOMIC_RELEASE);
    __atomic_sub_fetch(&ring->pool.full, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&ring->pool.freed, 1, __ATOMIC_RELEASE);
}

Test(heap_pool, a_segment_is_its_takers)
{
    struct ring_segment *segment = heap_pool_take(slot, 2, 7, STALL_NS, 0);
    cr_assert_eq(segment->state, RING_SEGMENT_LIVE);
    cr_assert_eq(segment->slot, ring_slot_index(ring, slot));
    cr_assert_eq(segment->slot_serial, slot->serial);
    cr_assert_eq(segment->stream, 2);
    cr_assert_eq(segment->serial, 7);
    cr_assert_eq(segment->committed, 0);
    cr_assert_eq(slot->segments, 1);
    heap_pool_give(segment);
    cr_assert_eq(segment->state, RING_SEGMENT_FULL);
    cr_assert_eq(ring->pool.full, 1);
}

Test(heap_pool, one_that_is_free_is_used_again)
{
    struct ring_segment *segment = take(0, STALL_NS);
    heap_pool_give(segment);
    free_one(segment);
    cr_assert_eq(take(1, STALL_NS), segment);
    cr_assert_eq(ring->pool.count, 1);
}

Test(heap_pool, while_there_is_memory_nobody_is_too_late)
{
    cr_assert_not_null(take(0, 0));
    cr_assert_not_null(take(1, 0));
}

Test(heap_pool, the_limit_is_for_those_that_wait_not_for_those_in_use)
{
    for (uint64_t i = 0; i < 20; i++)
        cr_assert_not_null(take(i, STALL_NS));
    cr_assert_eq(ring->pool.live, 20);
}

Test(heap_pool, nobody_waits_for_a_drain_that_does_nothing)
{
    for (uint64_t i = 0; i < 4; i++)
        heap_pool_give(take(i, STALL_NS));
    cr_assert_null(take(4, STALL_NS));
}

static void *drain_later(void *segment)
{
    usleep(20000);
    free_one(segment);
    return NULL;
}

Test(heap_pool, who_waits_gets_what_the_drain_gives_back)
{
    struct ring_segment *segments[4];
    pthread_t thread;
    for (uint64_t i = 0; i < 4; i++)
        heap_pool_give(segments[i] = take(i, STALL_NS));
    pthread_create(&thread, NULL, drain_later, segments[2]);
    cr_assert_eq(take(4, 20000000000u), segments[2]);
    pthread_join(thread, NULL);
}

static void *close_later(void *unused)
{
    usleep(20000);
    heap_pool_close();
    return unused;
}

Test(heap_pool, nobody_waits_when_the_drain_has_ended)
{
    pthread_t thread;
    for (uint64_t i = 0; i < 4; i++)
        heap_pool_give(take(i, STALL_NS));
    pthread_create(&thread, NULL, close_later, NULL);
    cr_assert_null(take(4, 60000000000u)); /* beyond the test's own limit */
    pthread_join(thread, NULL);
}

#define TAKERS 16
#define ROUNDS 2000

static uint32_t taken_by[SEGMENTS];

/* Takes, marks, gives; and is the drain as well. */
static void *take_many(void *number)
{
    uint32_t mine = (uint32_t)(uintptr_t)number;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        struct ring_segment *segment = take(i, 20000000000u);
        cr_assert_not_null(segment);
        uint32_t *mark = &taken_by[segment - ring_segment_at(ring, 0)];
        cr_assert_eq(__atomic_exchange_n(mark, mine, __ATOMIC_RELAXED), 0);
        cr_assert_eq(__atomic_exchange_n(mark, 0, __ATOMIC_RELAXED), mine);
        heap_pool_give(segment);
        free_one(segment);
    }
    return NULL;
}

Test(heap_pool, two_never_have_the_same)
{
    pthread_t threads[TAKERS];
    for (uintptr_t i = 0; i < TAKERS; i++)
        pthread_create(&threads[i], NULL, take_many, (void *)(i + 1));
    for (int i = 0; i < TAKERS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(slot->segments, TAKERS * ROUNDS);
    cr_assert_eq(ring->pool.live, 0);
    cr_assert_leq(ring->pool.count, 4 + TAKERS);
}
