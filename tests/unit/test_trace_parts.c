/* Parts of traces: names and places, and new ones in place of the oldest. */
#include "preload/contract/trace_parts.h"

#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(trace_parts, .init = scratch_init, .fini = scratch_release);

Test(trace_parts, four_names_in_turn)
{
    const char *expected[] = {"a.1.pinj", "a.1.pinj.1", "a.1.pinj.2", "a.1.pinj.3", "a.1.pinj"};
    char name[64];
    for (uint32_t part = 0; part < 5; part++) {
        cr_assert_eq(trace_part_name(name, sizeof(name), "a.1.pinj", part), 0);
        cr_assert_str_eq(name, expected[part]);
    }
    cr_assert_eq(trace_part_name(name, 9, "a.1.pinj", 1), -ENAMETOOLONG);
}

Test(trace_parts, places_grow_with_bytes_and_with_parts)
{
    cr_assert_lt(trace_place(0, 0), trace_place(0, 1));
    cr_assert_lt(trace_place(3, ((uint64_t)1 << 40) - 1), trace_place(4, 0));
    cr_assert_eq(trace_place_part(trace_place(77, 123456)), 77);
    cr_assert_eq(trace_place_bytes(trace_place(77, 123456)), 123456);
    cr_assert_eq(trace_place(0, 123456), 123456, "of a trace without parts: its size");
}

static long long size_of(const char *name)
{
    struct stat status;
    return stat(name, &status) == 0 ? (long long)status.st_size : -1;
}

Test(trace_parts, a_new_one_replaces_the_oldest_and_who_reads_that_goes_on)
{
    char byte;
    int fd = open("t.pinj", O_WRONLY | O_CREAT, 0600), reader = open("t.pinj", O_RDONLY);
    cr_assert_eq(write(fd, "0", 1), 1);
    for (uint32_t part = 1; part <= 4; part++) {
        cr_assert_eq(trace_part_begin(AT_FDCWD, "t.pinj", part, fd), 0);
        cr_assert_eq(size_of(part == 4 ? "t.pinj" : "t.pinj.1"), part == 1 || part == 4 ? 0 : 1);
        cr_assert_eq(write(fd, "x", 1), 1);
    }
    cr_assert(read(reader, &byte, 1) == 1 && byte == '0');
    cr_assert_eq(size_of("t.pinj.new"), -1);
}

Test(trace_parts, one_left_half_made_is_in_nobody_s_way)
{
    scratch_write("t.pinj.new", "left by somebody killed");
    int fd = open("t.pinj", O_WRONLY | O_CREAT, 0600);
    cr_assert_eq(trace_part_begin(AT_FDCWD, "t.pinj", 1, fd), 0);
    cr_assert_eq(size_of("t.pinj.1"), 0);
}

Test(trace_parts, where_none_can_be_made_nothing_changes)
{
    int fd = open("t.pinj", O_WRONLY | O_CREAT, 0600);
    cr_assert_eq(mkdir("t.pinj.new", 0700), 0);
    cr_assert_lt(trace_part_begin(AT_FDCWD, "t.pinj", 1, fd), 0);
    cr_assert_eq(write(fd, "0", 1), 1);
    cr_assert_eq(size_of("t.pinj"), 1);
}
