/* Resources of a run in one figure. */
#include "analyzer/insight/usage.h"

#include <math.h>

#include "tests/unit/judge_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;

static void start(void)
{
    profile = waits_profile(1); /* from 1 s to 3 s */
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(usage, .init = start, .fini = stop);

Test(usage, what_there_is_not)
{
    struct usage usage = usage_busiest(profile, "disk.busy");

    cr_expect_not(usage.known);
    cr_expect_str_eq(usage.reason, "recorded without resources");
    judge_rate(profile, "cpu.busy", NULL, 10);
    cr_expect_str_eq(usage_busiest(profile, "disk.busy").reason, "the machine does not tell of it");
    judge_series(profile, "disk.busy", NULL, true)->reason = "no permission";
    cr_expect_str_eq(usage_sum(profile, "disk.busy").reason, "no permission");
}

Test(usage, the_busiest_disk)
{
    judge_rate(profile, "disk.busy", "sda", 10);
    judge_rate(profile, "disk.busy", "sdb", 90);
    judge_rate(profile, "disk.busy", "sdc", 50);
    struct usage usage = usage_busiest(profile, "disk.busy");
    cr_expect(usage.known);
    cr_expect_str_eq(usage.subject, "sdb");
    cr_expect_float_eq(usage.mean, 90, 1e-9);
    cr_expect_float_eq(usage.total, 180, 1e-9); /* of 2 s */
    cr_expect_float_eq(usage_sum(profile, "disk.busy").mean, 150, 1e-9);
    cr_expect_float_eq(usage_mean(profile, "disk.busy").mean, 50, 1e-9);
    cr_expect_float_eq(usage_mean(profile, "disk.busy").most, 90, 1e-9);
}

/* Of a process that lived for a quarter of the run. */
Test(usage, a_short_process)
{
    struct resource_series *series = judge_series(profile, "process.cpu", NULL, true);

    resource_series_add(series, 1000000000, NAN);
    resource_series_add(series, 1500000000, 80);
    struct usage usage = usage_sum(profile, "process.cpu");
    cr_expect(usage.known);
    cr_expect_float_eq(usage.mean, 20, 1e-9);
    cr_expect_float_eq(usage.total, 40, 1e-9);
}

/* Of the machine: nothing is said of a run by less than half of it. */
Test(usage, half_of_the_time_at_least)
{
    struct resource_series *series = judge_series(profile, "cpu.busy", NULL, true);

    resource_series_add(series, 1000000000, NAN);
    resource_series_add(series, 1900000000, 80);
    cr_expect_not(usage_busiest(profile, "cpu.busy").known);
    cr_expect_str_eq(usage_busiest(profile, "cpu.busy").reason,
                     "followed for less than half of the time");
    series = &profile->resources.series[0];
    resource_series_add(series, 2100000000, 30);
    cr_expect(usage_busiest(profile, "cpu.busy").known);
    cr_expect_float_eq(usage_busiest(profile, "cpu.busy").mean, (0.9 * 80 + 0.2 * 30) / 1.1, 1e-9);
}

/* The second of two seconds. */
Test(usage, of_a_part_of_the_time)
{
    struct resource_series *series = judge_series(profile, "cpu.busy", NULL, true);

    resource_series_add(series, 1000000000, NAN);
    resource_series_add(series, 2000000000, 80);
    resource_series_add(series, 3000000000, 20);
    cr_expect_float_eq(usage_busiest(profile, "cpu.busy").mean, 50, 1e-9);
    profile->is_window = true;
    profile->from_ns = 2000000000;
    profile->to_ns = UINT64_MAX;
    cr_expect_float_eq(usage_busiest(profile, "cpu.busy").mean, 20, 1e-9);
}
