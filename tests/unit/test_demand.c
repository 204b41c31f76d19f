/* Whether threads had processors when they wanted them. */
#include "analyzer/model/demand.h"
#include "tests/unit/waits_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;

static void start(void)
{
    profile = waits_profile(4);
    waits_two_processors(profile);
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(demand, .init = start, .fini = stop);

static void spend(uint32_t thread, uint64_t cpu, uint64_t runnable, uint64_t blocked)
{
    profile->threads[thread].time = (struct thread_time){.known = true,
                                                         .has_runnable = true,
                                                         .cpu_ns = cpu,
                                                         .runnable_ns = runnable,
                                                         .blocked_ns = blocked,
                                                         .wall_ns = cpu + runnable + blocked};
}

Test(demand, more_threads_than_processors)
{
    for (uint32_t i = 0; i < 4; i++)
        spend(i, 500, 500, 10);
    struct demand demand = demand_of(profile, SIZE_MAX);
    cr_expect(demand.is_known && demand.is_short && demand.is_oversubscribed);
    cr_expect(demand.wanting == 4 && demand.cpus == 2);
    cr_expect_float_eq(demand.runnable, 2000, 0.1);
}

Test(demand, others_have_the_processors)
{
    spend(0, 500, 500, 0);
    spend(1, 10, 0, 990);
    struct demand demand = demand_of(profile, 0);
    cr_expect(demand.is_short && !demand.is_oversubscribed);
    cr_expect_eq(demand.wanting, 1);
}

Test(demand, enough_or_not_known)
{
    cr_expect_not(demand_of(profile, SIZE_MAX).is_known);
    for (uint32_t i = 0; i < 4; i++)
        spend(i, 500, 20, 480);
    cr_expect_not(demand_of(profile, SIZE_MAX).is_short);
    cr_expect_not(demand_of(profile, 1).is_known);
}

/* A build: processes that come and go. */
Test(demand, one_after_the_other_is_not_at_a_time)
{
    for (uint32_t i = 0; i < 4; i++) {
        spend(i, 500, 500, 0);
        profile->threads[i].start_ns = 1000 * i;
        profile->threads[i].end_ns = 1000 * i + 1000;
    }
    struct demand demand = demand_of(profile, SIZE_MAX);
    cr_expect(demand.is_short && !demand.is_oversubscribed);
    cr_expect_eq(demand.wanting, 1);
}

Test(demand, of_the_threads_that_were_asked_for)
{
    for (uint32_t i = 0; i < 4; i++)
        spend(i, 500, 500, 0);
    profile->part = "thread 't1'";
    waits_run(profile, 1, "main", 500, 500);
    cr_expect_eq(demand_of(profile, SIZE_MAX).wanting, 1);
    cr_expect_float_eq(demand_of(profile, SIZE_MAX).cpu, 500, 0.1);
}

/* Ran for a millisecond in ten seconds: nobody held it up. */
Test(demand, a_little_of_nearly_nothing_is_not_short)
{
    spend(0, 1000, 1000, 9998000);
    cr_expect_not(demand_of(profile, SIZE_MAX).is_short);
    spend(0, 100000, 100000, 9800000);
    cr_expect(demand_of(profile, SIZE_MAX).is_short);
}
