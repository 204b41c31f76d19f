/* Regions and counters of two traces as one; and what is said of names that are not there. */
#include "analyzer/load/merge_program.h"

#include "analyzer/model/program.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;

static void start(void)
{
    profile = profile_new();
    fixture_thread(profile, fixture_process(profile, "a", 1, 0), "a", 1);
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(merge_program, .init = start, .fini = stop);

Test(merge_program, regions_of_one_path_are_one_whatever_their_numbers)
{
    struct profile_region first[] = {{0},
                                     {.name = "load", .count = 2, .total_ns = 30, .longest_ns = 20},
                                     {.name = "parse", .parent = 1, .count = 1, .total_ns = 5}};
    struct profile_region second[] = {{0},
                                      {.name = NULL}, /* lost */
                                      {.name = "parse", .count = 7, .total_ns = 70},
                                      {.name = "load", .count = 1, .total_ns = 9, .longest_ns = 9}};
    const struct loaded_trace one = {.regions = first, .region_count = 3};
    const struct loaded_trace two = {.regions = second, .region_count = 4};

    uint32_t *numbers_one = merge_regions(profile, &one);
    uint32_t *numbers_two = merge_regions(profile, &two);
    cr_assert_eq(numbers_one[0], REGION_NONE);
    cr_assert_eq(numbers_two[3], numbers_one[1]);
    cr_assert_neq(numbers_two[2], numbers_one[2], "another path");
    const struct profile_region *load = &profile->regions[numbers_one[1]];
    cr_assert_str_eq(load->path, "load");
    cr_assert_eq(load->count, 3);
    cr_assert_eq(load->total_ns, 39);
    cr_assert_eq(load->longest_ns, 20);
    cr_assert_str_eq(profile->regions[numbers_one[2]].path, "load/parse");
    cr_assert_str_eq(profile->regions[numbers_two[2]].path, "parse");
    cr_assert_eq(profile->region_count, 4);
    free(numbers_one);
    free(numbers_two);
}

Test(merge_program, counters_of_one_name_are_one)
{
    struct profile_counter first[] = {{.name = "bytes"}, {.name = "calls"}};
    struct profile_counter second[] = {{.name = "calls"}, {.name = NULL}};
    struct profile_count counts_one[] = {{.counter = 0, .value = 10}, {.counter = 1, .value = 1}};
    struct profile_count counts_two[] = {
        {.counter = 0, .value = -3}, {.counter = 1, .value = 99}, {.counter = 2, .value = 99}};
    const struct loaded_trace one = {
        .counters = first, .counter_count = 2, .counts = counts_one, .count_count = 2};
    const struct loaded_trace two = {
        .counters = second, .counter_count = 2, .counts = counts_two, .count_count = 3};

    merge_counts(profile, &one);
    merge_counts(profile, &two);
    cr_assert_eq(profile->counter_count, 2);
    cr_assert_str_eq(profile->counters[1].name, "calls");
    cr_assert_eq(profile->counters[0].total, 10);
    cr_assert_eq(profile->counters[1].total, -2);
    cr_assert_eq(profile->count_count, 3, "without those whose counter's name was lost");
}

static void expect_refusal(const struct load_options *options, const char *text)
{
    struct problem problem = {0};

    cr_assert_eq(choose_program(profile, options, &problem), PROBLEM_USAGE);
    cr_assert_str_eq(problem.text, text);
}

Test(merge_program, names_that_are_not_there)
{
    expect_refusal(&(struct load_options){.region = "x"},
                   "--region 'x': the recording has no regions: a program makes them by "
                   "profinject_region_push()");
    profile_region(profile, profile_region(profile, REGION_NONE, "load"), "parse");
    profile_counter(profile, "bytes", false);
    expect_refusal(&(struct load_options){.region = "x"},
                   "--region 'x': the recording has: load, load/parse");
    expect_refusal(&(struct load_options){.counter = "x"},
                   "--metric 'x': allowed: cpu, samples, memory-delta, wall, offcpu, runnable, "
                   "lock-wait, io-wait, "
                   "alloc-bytes, alloc-count, live-bytes, live-count, peak-bytes, temporary-count, "
                   "mapped-bytes, throttled-cpu, bytes");
}

Test(merge_program, more_names_than_a_line_holds)
{
    struct problem problem = {0};
    const struct load_options options = {.region = "x"};

    for (int i = 0; i < 1000; i++) {
        char *name = memory_printf("region number %d", i);
        profile_region(profile, REGION_NONE, name);
        free(name);
    }
    cr_assert_eq(choose_program(profile, &options, &problem), PROBLEM_USAGE);
    cr_assert(strstr(problem.text, "has: region number 0, region number 1, "), "%s", problem.text);
}

Test(merge_program, names_that_are)
{
    struct problem problem = {0};
    const struct load_options options = {.region = "load", .counter = "bytes"};
    struct profile_count count = {.stack = fixture_stack(profile, "main"), .value = 5};

    count.counter = profile_counter(profile, "bytes", false);
    count.region = profile_region(profile, REGION_NONE, "load");
    profile_add_count(profile, &count);
    count.region = REGION_NONE;
    profile_add_count(profile, &count);
    cr_assert_eq(choose_program(profile, &options, &problem), 0);
    cr_assert_eq(profile_total(profile, METRIC_COUNTER), 5, "inside the region alone");
}
