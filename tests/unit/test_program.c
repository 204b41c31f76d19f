/* Regions and counters of a profile: merged by path and name, chosen, summed. */
#include "analyzer/model/program.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static uint32_t outer, inner, other;

static void add(uint32_t stack, uint32_t region, int64_t cpu)
{
    struct profile_entry entry = {.stack = stack, .region = region};

    entry.value[METRIC_CPU] = cpu;
    entries_add(&profile->entries, &entry);
}

static void start(void)
{
    profile = profile_new();
    fixture_thread(profile, fixture_process(profile, "a", 1, 0), "a", 1);
    outer = profile_region(profile, REGION_NONE, "outer");
    inner = profile_region(profile, outer, "inner");
    other = profile_region(profile, REGION_NONE, "other");
    add(1, REGION_NONE, 1);
    add(1, outer, 10);
    add(1, inner, 100);
    add(1, inner, 100);
    add(2, other, 1000);
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(program, .init = start, .fini = stop);

Test(program, equal_paths_are_one)
{
    cr_assert_eq(profile_region(profile, outer, "inner"), inner);
    cr_assert_neq(profile_region(profile, REGION_NONE, "inner"), inner);
    cr_assert_str_eq(profile->regions[inner].path, "outer/inner");
    cr_assert_eq(profile->entries.count, 4);
}

Test(program, time_inside_counts_what_is_nested)
{
    cr_assert_eq(profile_region_cpu(profile, outer), 210);
    cr_assert_eq(profile_region_cpu(profile, inner), 200);
    cr_assert_eq(profile_region_cpu(profile, other), 1000);
}

Test(program, a_region_chosen_by_name_at_any_depth)
{
    cr_assert_not(profile_choose_region(profile, "inner/outer"));
    cr_assert_eq(profile->entries.count, 4);
    cr_assert(profile_choose_region(profile, "outer"));
    cr_assert_eq(profile_total(profile, METRIC_CPU), 210);
    cr_assert(profile_choose_region(profile, "inner"));
    cr_assert_eq(profile_total(profile, METRIC_CPU), 200);
}

Test(program, a_region_chosen_by_its_path)
{
    cr_assert(profile_choose_region(profile, "outer/inner"));
    cr_assert_eq(profile_total(profile, METRIC_CPU), 200);
}

Test(program, a_counter_chosen_by_name)
{
    uint32_t bytes = profile_counter(profile, "bytes", COUNTER_PROGRAM);
    uint32_t cycles = profile_counter(profile, "cycles", COUNTER_HARDWARE);
    struct profile_count count = {.stack = 2, .region = other, .counter = bytes, .value = 7};

    cr_assert_eq(profile_counter(profile, "bytes", COUNTER_PROGRAM), bytes);
    profile_add_count(profile, &count);
    profile_add_count(profile, &count);
    count.counter = cycles;
    profile_add_count(profile, &count);
    cr_assert_eq(profile->counters[bytes].total, 14);
    cr_assert_not(profile_has_metric(profile, METRIC_COUNTER));
    cr_assert_not(profile_choose_counter(profile, "nonsense"));
    cr_assert(profile_choose_counter(profile, "bytes"));
    cr_assert(profile_has_metric(profile, METRIC_COUNTER));
    cr_assert_eq(profile_total(profile, METRIC_COUNTER), 14);
    cr_assert_eq(profile->entries.count, 4, "charged to the entry that is there");
}
