/* Means over time of what was only looked at now and then. */
#include "analyzer/model/resources.h"

#include <criterion/criterion.h>
#include <math.h>

#define S 1000000000ull

static struct resources resources;

static void stop(void)
{
    resources_release(&resources);
}

TestSuite(resources, .fini = stop);

static struct resource_series *add(const char *name, const char *subject, bool is_rate)
{
    const struct resource_series series = {.name = name,
                                           .subject = subject,
                                           .is_rate = is_rate,
                                           .process = RESOURCE_NOBODY,
                                           .thread = RESOURCE_NOBODY};
    return resources_add(&resources, &series);
}

Test(resources, a_gauge_holds_until_the_next_point)
{
    struct resource_series *rss = add("process.rss", NULL, false);
    resource_series_add(rss, 10 * S, 100);
    resource_series_add(rss, 11 * S, 300);
    resource_series_add(rss, 14 * S, 0);

    struct resource_summary sum = resource_summarise(rss, 10 * S, 14 * S);
    cr_expect_float_eq(sum.known_s, 4, 1e-9);
    cr_expect_float_eq(sum.mean, 250, 1e-9);
    cr_expect_float_eq(sum.least, 100, 1e-9);
    cr_expect_float_eq(sum.most, 300, 1e-9);
}

Test(resources, a_rate_is_the_mean_of_the_time_before_its_point)
{
    struct resource_series *disk = add("disk.written", "sda", true);
    resource_series_add(disk, 10 * S, NAN);
    resource_series_add(disk, 11 * S, 5);
    resource_series_add(disk, 13 * S, 2);

    struct resource_summary sum = resource_summarise(disk, 0, 20 * S);
    cr_expect_float_eq(sum.known_s, 3, 1e-9);
    cr_expect_float_eq(sum.total, 9, 1e-9);
    cr_expect_float_eq(sum.last, 2, 1e-9);
    sum = resource_summarise(disk, 12 * S, 13 * S);
    cr_expect_float_eq(sum.mean, 2, 1e-9);
}

Test(resources, what_is_not_known_is_no_zero)
{
    struct resource_series *disk = add("disk.written", "sda", true);
    double cells[5];
    resource_series_add(disk, 1 * S, NAN);
    resource_series_add(disk, 2 * S, 4);
    resource_series_add(disk, 4 * S, NAN);
    resource_series_add(disk, 5 * S, 6);

    resource_resample(disk, 0, S, 5, cells);
    cr_expect(isnan(cells[0]));
    cr_expect_float_eq(cells[1], 4, 1e-9);
    cr_expect(isnan(cells[2]) && isnan(cells[3]));
    cr_expect_float_eq(cells[4], 6, 1e-9);
    cr_expect_eq(resource_summarise(disk, 6 * S, 9 * S).known_s, 0);
}

Test(resources, are_found_by_name_and_subject)
{
    add("disk.written", "sda", true);
    add("disk.written", "sdb", true);
    add("cpu.busy", NULL, true);

    const struct resource_series *found =
        resources_find(&resources, "disk.written", "sdb", RESOURCE_NOBODY, RESOURCE_NOBODY);
    cr_assert_eq(found, &resources.series[1]);
    found = resources_find(&resources, "cpu.busy", NULL, RESOURCE_NOBODY, RESOURCE_NOBODY);
    cr_assert_eq(found, &resources.series[2]);
    cr_expect_null(resources_find(&resources, "cpu.busy", "x", RESOURCE_NOBODY, RESOURCE_NOBODY));
}

/* 11 ticks of 10 ms in one look of 100 ms, 9 in the next. */
Test(resources, no_more_than_there_is)
{
    struct resource_series *busy = add("cpu.busy", NULL, true);
    double cells[2];
    busy->unit = "%";
    resource_series_add(busy, 1 * S, NAN);
    resource_series_add(busy, 2 * S, 110);
    resource_series_add(busy, 3 * S, 90);

    struct resource_summary sum = resource_summarise(busy, 0, 9 * S);
    cr_expect_float_eq(sum.most, 100, 1e-9);
    cr_expect_float_eq(sum.mean, 100, 1e-9);
    cr_expect_float_eq(sum.total, 200, 1e-9);
    cr_expect_float_eq(resource_summarise(busy, 1 * S, 2 * S).mean, 100, 1e-9);
    resource_resample(busy, 1 * S, S, 2, cells);
    cr_expect_float_eq(cells[0], 110, 1e-9);
    cr_expect_float_eq(cells[1], 90, 1e-9);

    busy->scope = RESOURCE_OF_PROCESS; /* of several threads */
    cr_expect_float_eq(resource_summarise(busy, 0, 9 * S).most, 110, 1e-9);
}
