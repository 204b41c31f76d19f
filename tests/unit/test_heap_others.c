/* The thread in name only: one at a time has it. */
#include "preload/heap_others.h"
#include "preload/signals.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>

static void start(void)
{
    ring_start();
    heap_others_init(ring);
}

TestSuite(heap_others, .init = start, .fini = ring_stop, .timeout = 60);

Test(heap_others, it_has_a_slot_of_its_own_and_always_the_same)
{
    uint64_t signals;
    cr_assert_eq(ring->slot_count, 0);
    struct thread *first = heap_others_take(&signals);
    heap_others_leave(signals);
    struct thread *second = heap_others_take(&signals);
    heap_others_leave(signals);
    cr_assert_not_null(first);
    cr_assert_eq(first, second);
    cr_assert_eq(ring->slot_count, 1);
    cr_assert_str_eq(first->slot->name, "(others)");
    cr_assert_eq(first->slot->state, RING_SLOT_LIVE);
    cr_assert_eq(first->slot->flags, TRACE_THREAD_FOREIGN);
}

Test(heap_others, who_has_it_is_not_interrupted)
{
    uint64_t signals, before = signals_block_all_sigsafe();
    signals_restore_sigsafe(before);
    heap_others_take(&signals);
    uint64_t meanwhile = signals_block_all_sigsafe();
    heap_others_leave(signals);
    uint64_t afterwards = signals_block_all_sigsafe();
    signals_restore_sigsafe(before);
    cr_assert_eq(signals, before);
    cr_assert_neq(meanwhile, before);
    cr_assert_eq(afterwards, before);
}

Test(heap_others, a_new_ring_has_a_new_one)
{
    uint64_t signals;
    heap_others_take(&signals);
    heap_others_leave(signals);
    ring_close(ring);
    ring = ring_make(2);
    heap_others_init(ring);
    struct thread *thread = heap_others_take(&signals);
    heap_others_leave(signals);
    cr_assert_eq(thread->slot, ring_slot_at(ring, 0));
}

#define TAKERS 8
#define ROUNDS 2000

static int inside, taken;

static void *take_many(void *unused)
{
    uint64_t signals;
    for (int i = 0; i < ROUNDS; i++) {
        cr_assert_not_null(heap_others_take(&signals));
        cr_assert_eq(__atomic_fetch_add(&inside, 1, __ATOMIC_RELAXED), 0);
        if (i % 100 == 0)
            sched_yield();
        taken++;
        __atomic_fetch_sub(&inside, 1, __ATOMIC_RELAXED);
        heap_others_leave(signals);
    }
    return unused;
}

Test(heap_others, one_at_a_time)
{
    pthread_t threads[TAKERS];
    for (int i = 0; i < TAKERS; i++)
        pthread_create(&threads[i], NULL, take_many, NULL);
    for (int i = 0; i < TAKERS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(taken, TAKERS * ROUNDS);
}
