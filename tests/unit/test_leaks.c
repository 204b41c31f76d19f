/* Unit tests of analyzer/model/leaks.c. */
#include "analyzer/model/leaks.h"
#include "tests/unit/leaks_fixture.h"

#include <criterion/criterion.h>

static struct leaks_fixture fixture;
static struct leaks leaks;

static void start(void)
{
    fixture = leaks_fixture();
}

static void stop(void)
{
    leaks_release(&leaks);
    profile_free(fixture.profile);
}

TestSuite(leaks, .init = start, .fini = stop);

Test(leaks, blocks_of_one_stack_are_one_group_whoever_allocated_them)
{
    leaks_add(&fixture, fixture.main, "main;make", LEAK_UNKNOWN, leaks_amount(2, 10, 1), 7);
    leaks_add(&fixture, fixture.worker, "main;make", LEAK_UNKNOWN, leaks_amount(3, 100, 1), 5);
    leaks_init(&leaks, fixture.profile, NULL);
    cr_assert_eq(leaks.count, 1);
    const struct leak_group *group = &leaks.groups[0];
    cr_expect_eq(group->amount.bytes.total, 320);
    cr_expect_eq(group->amount.count.total, 5);
    cr_expect_eq(group->thread, fixture.worker, "most bytes are its");
    cr_expect(group->threads == 2 && group->processes == 1);
    cr_expect(group->first_ns == 1005000000 && group->last_ns == 1007000000);
    cr_expect(leaks.shown == 1 && leaks.stacks[LEAK_UNKNOWN] == 1);
    cr_expect_eq(leaks.total[LEAK_UNKNOWN].bytes.total, 320);
}

Test(leaks, they_come_by_kind_then_by_bytes)
{
    leaks_add(&fixture, fixture.main, "main;a", LEAK_REACHABLE, leaks_amount(1, 900, 1), 1);
    leaks_add(&fixture, fixture.main, "main;b", LEAK_INDIRECT, leaks_amount(1, 800, 1), 1);
    leaks_add(&fixture, fixture.main, "main;c", LEAK_DIRECT, leaks_amount(1, 10, 1), 1);
    leaks_add(&fixture, fixture.main, "main;d", LEAK_DIRECT, leaks_amount(1, 20, 1), 1);
    leaks_add(&fixture, fixture.main, "main;d", LEAK_INDIRECT, leaks_amount(1, 5, 1), 1);
    leaks_init(&leaks, fixture.profile, NULL);
    cr_assert_eq(leaks.count, 5);
    static const double bytes[] = {20, 10, 800, 5, 900};
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(leaks.groups[i].amount.bytes.total, bytes[i]);
}

Test(leaks, calls_of_one_line_are_one_stack_of_one_function_two)
{
    struct profile *profile = fixture.profile;
    struct frame frame = {.function = strings_intern(profile->strings, "loop"),
                          .file = strings_intern(profile->strings, "loop.c"),
                          .line = 7};

    for (uint64_t address = 0x100; address < 0x104; address++) {
        struct profile_leak leak = {.amount = leaks_amount(1, 8, 1)};
        frame.address = address;
        frame.line = address < 0x103 ? 7 : 8;
        leak.stack = profile_add_stack(profile, fixture_stack(profile, "main"),
                                       profile_add_frame(profile, &frame), false);
        profile_add_leak(profile, &leak);
    }
    leaks_init(&leaks, profile, NULL);
    cr_assert_eq(leaks.count, 2);
    cr_expect_eq(leaks.groups[0].amount.count.total, 3);
    cr_expect_eq(leaks.groups[1].amount.count.total, 1);
}

Test(leaks, suppressed_ones_are_summed_by_rule_reachable_ones_are_none)
{
    struct suppression rules[] = {{"nothing", 1}, {"^make", 2}, {"main", 9}};
    const struct suppressions suppressions = {.rules = rules, .count = 3};

    leaks_add(&fixture, fixture.main, "main;make", LEAK_DIRECT, leaks_amount(2, 10, 1), 1);
    leaks_add(&fixture, fixture.main, "main;make_all", LEAK_INDIRECT, leaks_amount(1, 30, 1), 1);
    leaks_add(&fixture, fixture.main, "other", LEAK_DIRECT, leaks_amount(1, 40, 1), 1);
    leaks_add(&fixture, fixture.main, "main;kept", LEAK_REACHABLE, leaks_amount(1, 50, 1), 1);
    leaks_init(&leaks, fixture.profile, &suppressions);
    cr_expect_eq(leaks.shown, 2);
    cr_expect(leaks.groups[0].amount.bytes.total == 40 && leaks.groups[0].rule == SUPPRESSION_NONE);
    cr_expect_eq(leaks.groups[1].kind, LEAK_REACHABLE);
    cr_expect(leaks.suppressed[0].groups == 0 && leaks.suppressed[2].groups == 0);
    cr_expect(leaks.suppressed[1].groups == 2 && leaks.suppressed[1].amount.bytes.total == 50);
    cr_expect(leaks.all_suppressed.groups == 2 && leaks.all_suppressed.amount.count.total == 3);
    cr_expect_eq(leaks.total[LEAK_DIRECT].bytes.total, 40);
}

Test(leaks, of_nothing_there_are_none)
{
    leaks_init(&leaks, fixture.profile, NULL);
    cr_expect(leaks.count == 0 && leaks.shown == 0);
}
