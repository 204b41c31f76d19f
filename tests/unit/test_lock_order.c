/* Orders in which locks are taken, and circles of them. */
#include "analyzer/model/lock_order.h"
#include "tests/unit/waits_fixture.h"

#include <criterion/criterion.h>

#define NOBODY WAIT_THREAD_NONE

static struct profile *profile;
static struct lock_order order;
static uint32_t a, b, c;

static void start(void)
{
    profile = waits_profile(4);
    a = waits_lock(profile, "a", 0x10);
    b = waits_lock(profile, "b", 0x20);
    c = waits_lock(profile, "c", 0x30);
}

static void stop(void)
{
    lock_order_release(&order);
    profile_free(profile);
}

TestSuite(lock_order, .init = start, .fini = stop);

static void wait_for(uint32_t thread, uint32_t lock, uint32_t holder, uint64_t begin, uint64_t end)
{
    waits_single(profile, (struct made_single){thread, TRACE_WAIT_MUTEX, lock, holder, begin, end,
                                               false, NULL});
}

static void wait_for_ever(uint32_t thread, uint32_t lock, uint32_t holder, uint64_t begin)
{
    waits_single(profile, (struct made_single){thread, TRACE_WAIT_WRITE_LOCK, lock, holder, begin,
                                               900, true, NULL});
}

Test(lock_order, who_has_one_and_asks_for_another)
{
    wait_for(0, b, 2, 100, 200); /* 0 has a meanwhile: */
    wait_for(1, a, 0, 150, 250);
    lock_order_init(&order, profile);
    cr_assert_eq(order.edge_count, 1);
    cr_expect(order.edges[0].held == a && order.edges[0].asked == b);
    cr_expect_eq(order.edges[0].holder->thread, 0);
    cr_expect_eq(order.edges[0].waiter->thread, 1);
    cr_expect_eq(order.cycle_count, 0);
}

/* Its lock was let go before it had the other: it was not held any more. */
Test(lock_order, locks_taken_one_after_the_other_are_no_order)
{
    wait_for(0, b, 2, 100, 200);
    wait_for(1, a, 0, 50, 120);
    wait_for(2, a, 0, 210, 220);
    lock_order_init(&order, profile);
    cr_expect_eq(order.edge_count, 0);
}

/* At other times, so that it went well. */
Test(lock_order, both_orders_are_a_cycle)
{
    wait_for(0, b, 2, 100, 200);
    wait_for(1, a, 0, 150, 250);
    wait_for(2, a, 3, 500, 600);
    wait_for(1, b, 2, 550, 650);
    lock_order_init(&order, profile);
    cr_assert_eq(order.cycle_count, 1);
    const struct lock_cycle *cycle = &order.cycles[0];
    cr_expect_eq(cycle->count, 2);
    cr_expect(cycle->edges[0]->held == a && cycle->edges[0]->asked == b);
    cr_expect(cycle->edges[1]->held == b && cycle->edges[1]->asked == a);
    cr_expect_not(cycle->deadlock);
}

Test(lock_order, waits_that_never_end_are_a_deadlock)
{
    wait_for_ever(0, b, 1, 100);
    wait_for_ever(1, a, 0, 101);
    lock_order_init(&order, profile);
    cr_assert_eq(order.cycle_count, 1);
    cr_expect(order.cycles[0].deadlock);
    cr_expect_eq(order.cycles[0].count, 2);
}

/* The same pair was seen before without harm: the deadlock is what is told. */
Test(lock_order, three_threads_in_a_circle)
{
    wait_for(0, b, 3, 10, 20);
    wait_for(1, a, 0, 15, 25);
    wait_for_ever(0, b, 1, 100);
    wait_for_ever(1, c, 2, 101);
    wait_for_ever(2, a, 0, 102);
    lock_order_init(&order, profile);
    cr_assert_eq(order.cycle_count, 1);
    cr_expect_eq(order.cycles[0].count, 3);
    cr_expect(order.cycles[0].deadlock);
    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(order.cycles[0].edges[i]->asked, order.cycles[0].edges[(i + 1) % 3]->held);
}

Test(lock_order, nothing_is_made_of_the_unknown)
{
    wait_for_ever(0, b, NOBODY, 100);
    wait_for_ever(1, WAIT_OBJECT_NONE, 0, 101);
    wait_for(0, a, 0, 200, 300);
    waits_single(profile,
                 (struct made_single){2, TRACE_WAIT_JOIN, WAIT_OBJECT_NONE, 0, 0, 900, true, NULL});
    lock_order_init(&order, profile);
    cr_expect(order.edge_count == 0 && order.cycle_count == 0);
}
