/* Who woke who woke whom. */
#include "analyzer/model/wake_chains.h"
#include "tests/unit/waits_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static struct wake_chains chains;

static void start(void)
{
    profile = waits_profile(4);
}

static void stop(void)
{
    wake_chains_release(&chains);
    profile_free(profile);
}

TestSuite(wake_chains, .init = start, .fini = stop);

static void wait_until(uint32_t thread, uint32_t waker, uint64_t begin, uint64_t end)
{
    waits_single(profile, (struct made_single){thread, TRACE_WAIT_READ, WAIT_OBJECT_NONE, waker,
                                               begin, end, false, NULL});
}

/* A pipe line: 0 wakes 1 wakes 2 wakes 3, twice. */
Test(wake_chains, a_line)
{
    for (uint64_t at = 0; at < 2000; at += 1000) {
        wait_until(1, 0, at + 10, at + 100);
        wait_until(2, 1, at + 20, at + 200);
        wait_until(3, 2, at + 30, at + 300);
    }
    wake_chains_init(&chains, profile);
    cr_assert_eq(chains.count, 2);
    const struct wake_chain *longest = &chains.items[0];
    cr_expect_eq(longest->count, 4);
    for (uint32_t i = 0; i < 4; i++)
        cr_expect_eq(longest->threads[i], 3 - i);
    cr_expect_eq(longest->times, 2);
    cr_expect_eq(longest->waited_ns, 540 * FIXTURE_MS);
    cr_expect_eq(chains.items[1].count, 3);
}

Test(wake_chains, what_was_over_before_is_no_cause)
{
    wait_until(1, 0, 10, 100);
    wait_until(2, 1, 150, 300);
    wake_chains_init(&chains, profile);
    cr_expect_eq(chains.count, 0);
}

Test(wake_chains, two_that_hand_over_to_each_other_are_no_chain)
{
    for (uint64_t at = 0; at < 1000; at += 100) {
        wait_until(0, 1, at, at + 50);
        wait_until(1, 0, at + 30, at + 90);
    }
    wake_chains_init(&chains, profile);
    cr_expect_eq(chains.count, 0);
}
