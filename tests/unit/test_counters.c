/* Counters: sums per thread, charged once, and what is beyond the room. */
#include "preload/clock.h"
#include "preload/counters.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

static void start(void)
{
    const struct stack_bounds unknown = {0, 0};

    ring_start();
    cr_assert_eq(threads_init(ring, &clock_cpu, 1000000), 0);
    threads_attach_self(&unknown);
    counters_use_ring(ring);
}

TestSuite(counters, .init = start, .fini = ring_stop);

static const struct ring_count *count_at(unsigned number)
{
    const struct ring_slot *slot = threads_current_sigsafe()->slot;

    return (const struct ring_count *)(slot->data + number * sizeof(struct ring_count));
}

Test(counters, what_was_added_is_charged_once)
{
    struct thread *thread = threads_current_sigsafe();

    counters_add("bytes", 100);
    counters_add("calls", 1);
    counters_add("bytes", 20);
    counters_take_sigsafe(ring, thread, 77, 5000);
    cr_assert_eq(thread->slot->reserved, 2 * sizeof(struct ring_count));
    cr_assert_eq(count_at(0)->delta, 120);
    cr_assert_eq(count_at(0)->stack, 77);
    cr_assert_eq(count_at(0)->time_ns, 5000);
    cr_assert_eq(count_at(1)->counter, 1);
    counters_take_sigsafe(ring, thread, 78, 6000);
    cr_assert_eq(thread->slot->reserved, 2 * sizeof(struct ring_count));
    counters_add("calls", -3);
    counters_take_sigsafe(ring, thread, 79, 7000);
    cr_assert_eq(count_at(2)->delta, -3);
    cr_assert_eq(thread->slot->counters[1], -2);
}

Test(counters, without_room_in_the_ring_it_waits)
{
    struct thread *thread = threads_current_sigsafe();

    while (ring_reserve_sigsafe(thread->slot, 64))
        ;
    counters_add("bytes", 9);
    counters_take_sigsafe(ring, thread, 77, 5000);
    cr_assert_eq(thread->counted[0], 0);
}

Test(counters, more_than_there_is_room_for_are_told)
{
    char name[16], line[200];

    for (unsigned i = 0; i <= RING_COUNTERS; i++) {
        snprintf(name, sizeof(name), "%u", i);
        counters_add(name, 1);
    }
    cr_assert_eq(ring->has_counter, RING_COUNTERS);
    cr_assert(counters_complaint(line, sizeof(line)));
    cr_assert_str_eq(line, "counters: 1 additions to more than 32 of them are left out");
}

Test(counters, a_sum_that_overflows_wraps)
{
    counters_add("big", INT64_MAX);
    counters_add("big", 1);
    cr_assert_eq(threads_current_sigsafe()->slot->counters[0], INT64_MIN);
}
