/* Unit tests of analyzer/heat/room.c: trees of /proc and /sys as machines and containers have. */
#include "analyzer/heat/room.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const root = scratch_path;

TestSuite(room, .init = scratch_init, .fini = scratch_release);

#define MEMINFO "MemTotal: 8000000 kB\nMemFree: 1 kB\nMemAvailable: 2000000 kB\n"

Test(room, half_of_what_is_available)
{
    scratch_write_deep("proc/meminfo", MEMINFO);
    struct room room = room_look(root);
    cr_assert_eq(room_usable(&room), 1000000ULL << 10);
    cr_assert_float_eq(room_used_percent(&room), 75, 1e-9);
    cr_assert_not(room_is_short(&room));
}

Test(room, version_2_the_tightest_group_up_to_the_root)
{
    scratch_write_deep("proc/meminfo", MEMINFO);
    scratch_write_deep("proc/self/cgroup", "0::/a.slice/b.scope\n");
    scratch_write_deep("sys/fs/cgroup/a.slice/b.scope/memory.max", "max\n");
    scratch_write_deep("sys/fs/cgroup/a.slice/b.scope/memory.current", "1000\n");
    scratch_write_deep("sys/fs/cgroup/a.slice/memory.max", "200000000\n");
    scratch_write_deep("sys/fs/cgroup/a.slice/memory.current", "50000000\n");
    struct room room = room_look(root);
    cr_assert_eq(room.group_left, 150000000);
    cr_assert_eq(room_usable(&room), 75000000);
    cr_assert(room_is_short(&room), "150 MB of 8 GB");
}

Test(room, version_1_and_a_path_that_only_the_host_has)
{
    scratch_write_deep("proc/meminfo", MEMINFO);
    scratch_write_deep("proc/self/cgroup",
                       "5:cpu,cpuacct:/docker/77\n4:memory:/docker/77\n1:name=systemd:/x\n");
    scratch_write_deep("sys/fs/cgroup/memory/memory.limit_in_bytes", "700000000\n");
    scratch_write_deep("sys/fs/cgroup/memory/memory.usage_in_bytes", "100000000\n");
    struct room room = room_look(root);
    cr_assert_eq(room.group_left, 600000000);
}

Test(room, no_limit_is_a_large_number_in_version_1)
{
    scratch_write_deep("proc/meminfo", MEMINFO);
    scratch_write_deep("proc/self/cgroup", "4:memory:/\n");
    scratch_write_deep("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    scratch_write_deep("sys/fs/cgroup/memory/memory.usage_in_bytes", "100000000\n");
    cr_assert_eq(room_look(root).group_left, UINT64_MAX);
}

Test(room, more_used_than_allowed_leaves_nothing)
{
    scratch_write_deep("proc/meminfo", MEMINFO);
    scratch_write_deep("proc/self/cgroup", "0::/\n");
    scratch_write_deep("sys/fs/cgroup/memory.max", "1000\n");
    scratch_write_deep("sys/fs/cgroup/memory.current", "2000\n");
    cr_assert_eq(room_look(root).group_left, 0);
}

Test(room, nothing_known_is_said_so)
{
    struct room room = room_look(root);
    cr_assert_eq(room_usable(&room), 0);
    cr_assert(isnan(room_used_percent(&room)));
    cr_assert_not(room_is_short(&room));
    scratch_write_deep("proc/meminfo", "\x80\xff garbage\nMemTotal: x kB\n");
    scratch_write_deep("proc/self/cgroup", "0:\n:::\n0::\nno colon\n4:memory:/../../..\n");
    room = room_look(root);
    cr_assert_eq(room_usable(&room), 0);
}

/* As containers may have it, whose files are made by somebody else. */
Test(room, more_available_than_there_is)
{
    scratch_write_deep("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 2000 kB\n");
    struct room room = room_look(root);
    cr_assert(isnan(room_used_percent(&room)), "%g", room_used_percent(&room));
}
