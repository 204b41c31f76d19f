/* Unit tests of preload/contract/syscall_kinds.c, on what /proc tells. */
#include "preload/contract/syscall_kinds.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/syscall.h>

static struct syscall_seen seen;
static int fd;

static bool see(const char *text)
{
    return syscall_kinds_parse(text, &seen);
}

Test(syscall_kinds, what_is_in_none)
{
    cr_expect_not(see("running\n"));
    cr_expect_not(see("-1 0x7ffd00000000 0x7f0000001000\n")); /* blocked, in no system call */
    cr_expect_not(see(""));
}

Test(syscall_kinds, a_read_is_gone_on_with_if_the_descriptor_lets_it)
{
    char text[160];
    snprintf(text, sizeof(text), "%d 0x5 0x7ffe10 0x400 0x0 0x0 0x0 0x7ffd00 0x7f0010\n", SYS_read);
    cr_assert(see(text));
    cr_assert_eq(seen.arguments[0], 5);
    cr_assert_eq(seen.arguments[2], 0x400);
    cr_assert_eq(syscall_kinds_of(&seen), TRACE_WAIT_READ);
    cr_assert(syscall_kinds_restarts(&seen, &fd));
    cr_assert_eq(fd, 5);
}

Test(syscall_kinds, what_has_a_time_out_or_is_done_in_part_ends_with_a_signal)
{
    char text[160];
    const int calls[] = {SYS_poll,     SYS_nanosleep, SYS_epoll_wait, SYS_semtimedop,
                         SYS_recvfrom, SYS_write,     SYS_writev,     SYS_sendto};

    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
        snprintf(text, sizeof(text), "%d 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n", calls[i]);
        cr_assert(see(text) && syscall_kinds_of(&seen) != 0);
        cr_expect_not(syscall_kinds_restarts(&seen, &fd), "%d", calls[i]);
    }
    snprintf(text, sizeof(text), "%d 0x1000 0x80 0x2 0x0 0x0 0x0 0x7 0x8\n", SYS_futex);
    cr_assert(see(text));
    cr_assert_eq(syscall_kinds_of(&seen), TRACE_WAIT_FUTEX);
    cr_expect(syscall_kinds_restarts(&seen, &fd));
    cr_expect_eq(fd, -1);
    snprintf(text, sizeof(text), "%d 0x1000 0x80 0x2 0x7ff0 0x0 0x0 0x7 0x8\n", SYS_futex);
    cr_assert(see(text));
    cr_expect_not(syscall_kinds_restarts(&seen, &fd), "until a time");
    snprintf(text, sizeof(text), "%d 0x1000 0x86 0x2 0x0 0x0 0x0 0x7 0x8\n", SYS_futex);
    cr_assert(see(text));
    cr_expect_not(syscall_kinds_restarts(&seen, &fd), "another operation");
}

Test(syscall_kinds, others_have_no_name)
{
    cr_assert(see("24 0x0 0x0 0x0 0x0 0x0 0x0 0x7ffd00 0x7f0010\n")); /* sched_yield */
    cr_assert_eq(syscall_kinds_of(&seen), 0);
    cr_assert_not(syscall_kinds_restarts(&seen, &fd));
}
