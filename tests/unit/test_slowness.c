/* Slowed CPU time by resources: of the processor a thread was on, at the time it ran. */
#include "analyzer/insight/slowness.h"

#include <math.h>

#include "tests/unit/judge_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static const bool nobody[4];

static void start(void)
{
    profile = waits_profile(2);
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(slowness, .init = start, .fini = stop);

/* Of a thread: in per cent in the first and in the second second, on a processor. */
static void run(uint32_t thread, double first, double second, double processor)
{
    struct resource_series *series = judge_series(profile, "thread.cpu", NULL, true);

    series->scope = RESOURCE_OF_THREAD;
    series->process = 0;
    series->thread = thread;
    resource_series_add(series, FIXTURE_FROM, NAN);
    resource_series_add(series, 2000000000, first);
    resource_series_add(series, FIXTURE_TO, second);
    series = judge_series(profile, "thread.processor", NULL, false);
    series->scope = RESOURCE_OF_THREAD;
    series->process = 0;
    series->thread = thread;
    resource_series_add(series, FIXTURE_FROM, processor);
    resource_series_add(series, FIXTURE_TO, processor);
}

/* Slowed down in the second second only. */
static void slow(const char *processor)
{
    struct resource_series *series = judge_series(profile, "cpu.throttled", processor, true);

    resource_series_add(series, FIXTURE_FROM, NAN);
    resource_series_add(series, 2000000000, 0);
    resource_series_add(series, FIXTURE_TO, 100);
}

Test(slowness, not_known)
{
    cr_expect_not(slowness_of(profile, nobody).known);
    cr_expect_str_eq(slowness_of(profile, nobody).reason, "recorded without resources");
}

Test(slowness, as_much_as_ran_then)
{
    slow("cpu0");
    judge_rate(profile, "cpu.throttled", "cpu1", 0);
    run(0, 20, 60, 0);
    cr_expect(slowness_of(profile, nobody).known);
    cr_expect_float_eq(slowness_of(profile, nobody).share, 0.75, 0.01);
    run(1, 80, 80, 1); /* on the other */
    cr_expect_float_eq(slowness_of(profile, nobody).share, 0.25, 0.01);
    cr_expect_float_eq(slowness_of(profile, (bool[]){false, true}).share, 0.75, 0.01);
}

Test(slowness, below_the_nominal_frequency)
{
    judge_gauge(profile, "cpu.mhz", "cpu0", 1200);
    judge_gauge(profile, "cpu.mhz-nominal", "cpu0", 3000);
    judge_gauge(profile, "cpu.mhz", "cpu1", 2900);
    judge_gauge(profile, "cpu.mhz-nominal", "cpu1", 3000);
    run(0, 90, 90, 0);
    cr_expect_float_eq(slowness_of(profile, nobody).share, 1, 0.01);
    run(1, 30, 30, 1);
    cr_expect_float_eq(slowness_of(profile, nobody).share, 0.75, 0.01);
}

Test(slowness, threads_are_not_followed)
{
    slow("cpu0");
    cr_expect_float_eq(slowness_of(profile, nobody).share, 0.5, 0.01);
}
