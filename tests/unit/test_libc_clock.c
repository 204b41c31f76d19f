/* The time is the C library's, whoever takes its name. */
#include "preload/contract/libc_clock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t kernel_now(void)
{
    struct timespec now;

    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int called;

/* Stands before the C library's, as a sanitizer's does. */
int clock_gettime(clockid_t clock, struct timespec *time)
{
    called++;
    *time = (struct timespec){1, 1};
    return (int)clock * 0;
}

Test(libc_clock, is_not_fooled)
{
    libc_clock_init();
    int before = called;
    uint64_t first = kernel_now(), between = libc_clock_now_sigsafe(), last = kernel_now();
    cr_assert(first <= between && between <= last);
    cr_assert_eq(called, before);
}

Test(libc_clock, a_clock_that_is_not_there_reads_0_and_leaves_errno)
{
    const clockid_t nobody = 1000; /* numbers of clocks end far below */

    libc_clock_init();
    errno = ENOTTY;
    cr_assert_eq(libc_clock_read_sigsafe(nobody), 0);
    cr_assert_eq(errno, ENOTTY);
    cr_assert_gt(libc_clock_read_sigsafe(CLOCK_PROCESS_CPUTIME_ID), 0);
    cr_assert_eq(errno, ENOTTY);
}
