/* Sampled against measured time: what chance explains and what it does not. */
#include "analyzer/model/coverage.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

#define MS 1000000u

static bool fair(uint64_t measured_ns, uint64_t sampled_ns)
{
    const struct coverage coverage = {.measured_ns = measured_ns, .sampled_ns = sampled_ns};

    return coverage_is_fair(&coverage, MS);
}

Test(coverage, four_standard_deviations)
{
    /* 399 stacks expected: 4 x sqrt(400) = 80 more or less. */
    cr_assert(fair(399 * MS, 399 * MS));
    cr_assert(fair(399 * MS, (399 - 80) * MS));
    cr_assert(fair(399 * MS, (399 + 80) * MS));
    cr_assert_not(fair(399 * MS, (399 - 81) * MS));
    cr_assert_not(fair(399 * MS, (399 + 81) * MS));
}

Test(coverage, five_percent_of_much)
{
    /* A million stacks: chance explains 0.4 %. */
    const uint64_t much = 1000000ull * MS;

    cr_assert(fair(much, much / 100 * 95));
    cr_assert_not(fair(much, much / 1000 * 949));
    cr_assert(fair(much, much / 100 * 105));
    cr_assert_not(fair(much, much / 1000 * 1051));
}

Test(coverage, little_time)
{
    cr_assert(fair(0, 0));
    cr_assert(fair(MS / 10, 0));
    cr_assert(fair(MS / 10, 4 * MS)); /* a tick's worth, in the middle of it */
    cr_assert_not(fair(0, 5 * MS));
    cr_assert_not(fair(20 * MS, 0)); /* e to the -20 */
}

Test(coverage, pauses_do_not_count)
{
    const struct profile_thread thread = {.cpu_ns = 10, .paused_ns = 4, .sampled_ns = 5};
    struct coverage coverage = coverage_of_thread(&thread);

    cr_assert_eq(coverage.measured_ns, 6);
    cr_assert_eq(coverage.paused_ns, 4);
    cr_assert_eq(coverage.sampled_ns, 5);
    coverage_add(&coverage, &coverage);
    cr_assert_eq(coverage.measured_ns, 12);
    cr_assert_eq(coverage.sampled_ns, 10);
}

/* Each process by what its own stacks stand for: 100 of 5 ms, and 100 of 0.5 ms. */
Test(coverage, outliers_are_found_worst_first)
{
    struct profile *profile = profile_new();
    uint32_t coarse = fixture_process(profile, "coarse", 10, 1);
    uint32_t fine = fixture_process(profile, "fine", 20, 1);
    size_t count;

    for (int i = 0; i < 3; i++) {
        fixture_thread(profile, coarse, "coarse", 10 + i);
        fixture_thread(profile, fine, "fine", 20 + i);
    }
    for (size_t i = 0; i < profile->thread_count; i++) {
        struct profile_thread *thread = &profile->threads[i];
        if (thread->process == fine)
            thread->samples = 1000;
    }
    /* 100 stacks expected: 4 x sqrt(101) of 5 ms are 201 ms; of 1000, 4 x sqrt(1001) of
     * half a ms, and a little more as one of three threads has fewer, are 63 ms. */
    profile->threads[0].sampled_ns = 350 * MS;
    profile->threads[1].sampled_ns = 350 * MS;
    profile->threads[3].sampled_ns = 400 * MS;
    uint32_t *outliers = coverage_outliers(profile, &count);
    cr_assert_eq(count, 2);
    cr_assert_eq(outliers[0], 1);
    cr_assert_eq(outliers[1], 3);
    free(outliers);
    profile_free(profile);
}

Test(coverage, a_process_without_a_stack)
{
    struct profile *profile = profile_new();
    size_t count;
    uint32_t process = fixture_process(profile, "unseen", 10, 1);

    fixture_thread(profile, process, "long", 10);
    fixture_thread(profile, process, "short", 11);
    for (size_t i = 0; i < 2; i++)
        profile->threads[i].sampled_ns = profile->threads[i].samples = 0;
    profile->threads[1].cpu_ns = 40 * MS;
    uint32_t *outliers = coverage_outliers(profile, &count);
    cr_assert_eq(count, 1);
    cr_assert_eq(outliers[0], 0);
    free(outliers);
    profile_free(profile);
}
