/* Unit tests of preload/contract/own_memory.c. */
#include "preload/contract/own_memory.h"

#include <criterion/criterion.h>
#include <sys/mman.h>

static struct own_range ranges[OWN_MEMORY_MAX];

static void *at(uint64_t address)
{
    return (void *)address;
}

Test(own_memory, what_is_noted_is_told_until_it_is_forgotten)
{
    cr_expect_eq(own_memory_ranges(ranges), 0);
    cr_expect_eq(own_memory_note(at(0x10000), 0x1000, true), at(0x10000));
    own_memory_note(at(0x20000), 0x2000, false);
    cr_assert_eq(own_memory_ranges(ranges), 2);
    cr_expect(ranges[0].start == 0x10000 && ranges[0].end == 0x11000);
    cr_expect(ranges[1].start == 0x20000 && ranges[1].end == 0x22000);
    own_memory_forget(at(0x10000));
    own_memory_forget(at(0x30000));
    own_memory_forget(NULL);
    cr_assert_eq(own_memory_ranges(ranges), 1);
    cr_expect_eq(ranges[0].start, 0x20000);
}

Test(own_memory, failures_are_passed_on_and_not_noted)
{
    cr_expect_eq(own_memory_note(MAP_FAILED, 4096, true), MAP_FAILED);
    cr_expect_eq(own_memory_ranges(ranges), 0);
}

Test(own_memory, fork_children_keep_what_they_inherit)
{
    own_memory_note(at(0x10000), 4096, false);
    own_memory_note(at(0x20000), 4096, true);
    own_memory_fork_child();
    cr_assert_eq(own_memory_ranges(ranges), 1);
    cr_expect_eq(ranges[0].start, 0x20000);
}

Test(own_memory, more_than_there_is_room_for_is_let_be)
{
    for (uint64_t i = 1; i <= OWN_MEMORY_MAX + 5; i++)
        own_memory_note(at(i << 16), 4096, true);
    cr_expect_eq(own_memory_ranges(ranges), OWN_MEMORY_MAX);
    own_memory_forget(at(1 << 16));
    own_memory_note(at(0x77770000), 4096, true);
    cr_expect_eq(own_memory_ranges(ranges), OWN_MEMORY_MAX);
}

Test(own_memory, memory_is_renewed_where_it_was_if_it_fits)
{
    char *first = own_memory_renew(NULL, 0, 8192);
    cr_assert(first);
    first[0] = first[8191] = 1;
    cr_assert_eq(own_memory_renew(first, 8192, 8192), first);
    cr_assert(!first[0] && !first[8191], "it is empty");
    cr_assert_eq(own_memory_ranges(ranges), 1);
    char *larger = own_memory_renew(first, 8192, 1 << 20);
    cr_assert(larger);
    larger[(1 << 20) - 1] = 1;
    cr_assert_eq(own_memory_ranges(ranges), 1);
    cr_expect(ranges[0].start == (uint64_t)larger && ranges[0].end == (uint64_t)larger + (1 << 20));
    own_memory_fork_child();
    cr_assert_eq(own_memory_ranges(ranges), 1, "children have it");
}
