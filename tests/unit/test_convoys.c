/* Queues at locks. */
#include "analyzer/model/convoys.h"
#include "tests/unit/waits_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static struct convoys convoys;
static uint32_t lock;

static void start(void)
{
    profile = waits_profile(6);
    lock = waits_lock(profile, "lock", 0x10);
}

static void stop(void)
{
    convoys_release(&convoys);
    profile_free(profile);
}

TestSuite(convoys, .init = start, .fini = stop);

static void wait_for(uint32_t thread, uint64_t begin, uint64_t end)
{
    waits_single(profile,
                 (struct made_single){thread, TRACE_WAIT_MUTEX, lock, 5, begin, end, false, NULL});
    waits_add(profile,
              (struct made_wait){thread, TRACE_WAIT_MUTEX, lock, 5, "main;lock", 1, end - begin});
}

Test(convoys, three_at_a_time)
{
    wait_for(0, 100, 200);
    wait_for(1, 120, 220);
    wait_for(2, 150, 180);
    wait_for(3, 170, 190);
    wait_for(0, 300, 320);
    convoys_init(&convoys, profile);
    cr_assert_eq(convoys.count, 1);
    const struct convoy *convoy = &convoys.items[0];
    cr_expect_eq(convoy->object, lock);
    cr_expect_eq(convoy->threads, 4);
    cr_expect_eq(convoy->most, 4);
    cr_expect_eq(convoy->times, 1);
    cr_expect_eq(convoy->queued_ns, 40 * FIXTURE_MS);
    cr_expect_eq(convoy->blocked_ns, 270 * FIXTURE_MS);
}

/* One leaves in the moment the next comes. */
Test(convoys, two_at_a_time_are_none)
{
    wait_for(0, 100, 200);
    wait_for(1, 120, 220);
    wait_for(2, 200, 300);
    convoys_init(&convoys, profile);
    cr_expect_eq(convoys.count, 0);
}

/* Of a flood of short waits there is no single one: 2400 ms waited in 1000. */
Test(convoys, a_flood_of_short_waits)
{
    for (uint32_t i = 0; i < 4; i++)
        waits_add(profile,
                  (struct made_wait){i, TRACE_WAIT_MUTEX, lock, 5, "main;lock", 5000, 600});
    convoys_init(&convoys, profile);
    cr_assert_eq(convoys.count, 1);
    cr_expect_eq(convoys.items[0].most, 0);
    cr_expect_float_eq(convoys.items[0].mean, 2.4, 0.01);
}

Test(convoys, conditions_are_no_locks)
{
    for (uint32_t i = 0; i < 4; i++)
        waits_add(profile,
                  (struct made_wait){i, TRACE_WAIT_CONDITION, lock, 5, "main;work", 50, 900});
    convoys_init(&convoys, profile);
    cr_expect_eq(convoys.count, 0);
}
