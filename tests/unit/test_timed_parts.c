/*
 * Parts of entries: whatever becomes of an entry's time, its parts add up to it.
 */
#include "analyzer/load/timed_parts.h"

#include <criterion/criterion.h>

static struct trace_entries entries;
static struct timed_parts parts;
static const struct profile_thread threads[] = {{.start_ns = 1000, .end_ns = 9000}};

static void start(void)
{
    trace_entries_init(&entries);
    parts = (struct timed_parts){.wanted = true};
}

static void stop(void)
{
    timed_parts_release(&parts);
    trace_entries_release(&entries);
}

TestSuite(timed_parts, .init = start, .fini = stop);

static void add(uint32_t stack, uint32_t state, uint64_t time_ns, uint64_t length)
{
    timed_parts_add(
        &parts,
        &(struct timed_part){.stack = stack, .state = state, .time_ns = time_ns, .length = length});
}

static void entry(uint32_t stack, enum entry_state state, int64_t time_ns)
{
    trace_entries_find(&entries, 0, stack, 0, state)->time_ns = time_ns;
}

static void fit(void)
{
    timed_parts_find(&parts, &entries);
    timed_parts_fit(&parts, &entries, threads);
}

static uint64_t sum(uint32_t stack, uint32_t state)
{
    uint64_t length = 0;

    for (size_t i = 0; i < parts.count; i++) {
        const struct trace_entry *of = &entries.items[parts.items[i].entry];
        length += of->stack == stack && of->state == state ? parts.items[i].length : 0;
    }
    return length;
}

Test(timed_parts, stand_for_time_in_proportion)
{
    entry(7, ENTRY_RUNNING, 40);
    add(7, ENTRY_RUNNING, 2000, 1);
    add(7, ENTRY_RUNNING, 3000, 3);
    fit();
    cr_assert_eq(parts.count, 2);
    cr_assert_eq(parts.items[0].length, 10);
    cr_assert_eq(parts.items[1].length, 30);
    cr_assert_eq(parts.items[1].time_ns, 3000);
}

Test(timed_parts, add_up_although_nothing_divides)
{
    entry(7, ENTRY_RUNNING, 1000003);
    entry(8, ENTRY_RUNNING, 17);
    for (uint64_t i = 1; i <= 999; i++)
        add(i % 3 == 0 ? 8 : 7, ENTRY_RUNNING, i, i);
    fit();
    cr_assert_eq(sum(7, ENTRY_RUNNING), 1000003);
    cr_assert_eq(sum(8, ENTRY_RUNNING), 17);
}

Test(timed_parts, of_looks_are_the_waits_they_became)
{
    entry(7, ENTRY_LOOKED + 2, 0);
    entry(7, ENTRY_WAITING + 2, 500);
    add(7, ENTRY_LOOKED + 2, 4000, 900);
    fit();
    cr_assert_eq(sum(7, ENTRY_WAITING + 2), 500);
    cr_assert_eq(sum(7, ENTRY_LOOKED + 2), 0);
}

Test(timed_parts, what_nobody_saw_lies_in_the_life_of_the_thread)
{
    entry(7, ENTRY_REST, 300);
    fit();
    cr_assert_eq(parts.count, 1);
    cr_assert_eq(parts.items[0].time_ns, 9000);
    cr_assert_eq(parts.items[0].span_ns, 8000);
    cr_assert_eq(parts.items[0].length, 300);
}

Test(timed_parts, of_an_entry_taken_back_are_nothing)
{
    entry(7, ENTRY_RUNNING, 0);
    add(7, ENTRY_RUNNING, 2000, 5);
    fit();
    cr_assert_eq(sum(7, ENTRY_RUNNING), 0);
}

Test(timed_parts, of_long_runs_share_slices_and_add_up)
{
    const uint64_t count = 3 * TIMED_PARTS_MOST;

    entry(7, ENTRY_RUNNING, 12345678901);
    entry(8, ENTRY_RUNNING, 77);
    for (uint64_t i = 0; i < count; i++)
        add(i % 1024 == 0 ? 8 : 7, ENTRY_RUNNING, 1000 * i, 1);
    cr_assert_lt(parts.count, TIMED_PARTS_MOST);
    fit();
    cr_assert_eq(sum(7, ENTRY_RUNNING), 12345678901);
    cr_assert_eq(sum(8, ENTRY_RUNNING), 77);
    for (size_t i = 0; i < parts.count; i++)
        cr_assert_lt(parts.items[i].span_ns, parts.slice_ns);
}

Test(timed_parts, of_many_entries_stay_one_each)
{
    const uint32_t count = TIMED_PARTS_MOST + 1000;

    for (uint32_t i = 0; i < count; i++)
        add(i, ENTRY_RUNNING, i, 1);
    for (uint32_t i = 0; i < count; i++)
        add(i, ENTRY_RUNNING, i, 1);
    cr_assert_eq(parts.count, count);
}

Test(timed_parts, are_not_kept_unless_wanted)
{
    parts.wanted = false;
    entry(7, ENTRY_RUNNING, 40);
    add(7, ENTRY_RUNNING, 2000, 1);
    fit();
    cr_assert_eq(parts.count, 0);
}
