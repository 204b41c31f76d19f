/* CPU time used, in pauses, and beyond what samples stand for: figures known beforehand. */
#include "preload/contract/thread_time.h"

#include <criterion/criterion.h>

#define MS 1000000u

static struct ring_file ring = {.period_ns = MS, .step_ns = 4 * MS};

/* One that used `used_ms` and ended, sampled for `periods` of 1 ms. */
static struct ring_slot ended(uint64_t used_ms, uint64_t periods)
{
    return (struct ring_slot){.cpu_start_ns = 7 * MS,
                              .cpu_end_ns = (7 + used_ms) * MS,
                              .end_ns = 1,
                              .periods = periods,
                              .last_stack = 9};
}

static uint64_t rest_ms(const struct ring_slot *slot)
{
    struct thread_time time = thread_time_of(slot);

    return thread_time_rest_ns(&ring, slot, &time) / MS;
}

Test(thread_time, used_and_paused)
{
    struct ring_slot slot = ended(20, 0);

    cr_assert_eq(thread_time_of(&slot).cpu_ns, 20 * MS);
    cr_assert_eq(thread_time_of(&slot).paused_ns, 0);
    slot.paused_ns = 3 * MS;
    cr_assert_eq(thread_time_of(&slot).paused_ns, 3 * MS);
    slot.paused_since_ns = 25 * MS; /* of 27 */
    cr_assert_eq(thread_time_of(&slot).paused_ns, 5 * MS);
    slot.paused_ns = 100 * MS;
    cr_assert_eq(thread_time_of(&slot).paused_ns, 20 * MS, "never more than all");
    slot.cpu_end_ns = 0; /* its clock could not be read */
    cr_assert_eq(thread_time_of(&slot).cpu_ns, 0);
}

Test(thread_time, what_follows_the_last_tick)
{
    struct ring_slot slot = ended(10, 8);

    cr_assert_eq(rest_ms(&slot), 2);
    slot.paused_ns = 1 * MS;
    cr_assert_eq(rest_ms(&slot), 1);
    slot = ended(10, 0);
    cr_assert_eq(rest_ms(&slot), 10, "never sampled: all of it");
    slot = ended(10, 12);
    cr_assert_eq(rest_ms(&slot), 0);
}

/* Hit with the chance of its length in a tick: then it counts a whole one, and nothing else. */
Test(thread_time, shorter_than_a_tick)
{
    struct ring_slot slot = ended(3, 2);

    cr_assert_eq(rest_ms(&slot), 2);
    slot = ended(3, 0);
    cr_assert_eq(rest_ms(&slot), 0);
    slot = ended(3, 2);
    slot.on_time = 1; /* by a clock that waits for no tick */
    cr_assert_eq(rest_ms(&slot), 1);
}

Test(thread_time, where_it_is_charged)
{
    struct ring_slot slot = ended(10, 8);

    cr_assert_eq(thread_time_rest_stack(&ring, &slot, 20 * MS), 9);
    slot.on_time = 1;
    cr_assert_eq(thread_time_rest_stack(&ring, &slot, 4 * MS), 9);
    cr_assert_eq(thread_time_rest_stack(&ring, &slot, 5 * MS), TRACE_STACK_COMPLETE,
                 "periods lost on the way are of no known place");
}

Test(thread_time, clocks_that_ride_on_no_tick)
{
    struct ring_slot slot = ended(10, 8);

    ring.step_ns = 0;
    cr_assert_eq(rest_ms(&slot), 0);
}
