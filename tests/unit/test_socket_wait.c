/* What is left of a socket's time-out. */
#include "preload/socket_wait.h"

#include "preload/contract/libc_clock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define MS 1000000u

static int fds[2];

static void start(void)
{
    const struct timeval length = {.tv_usec = 400000};

    libc_clock_init();
    socket_wait_used = true;
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_assert_eq(setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &length, sizeof(length)), 0);
}

TestSuite(socket_wait, .init = start);

Test(socket_wait, what_had_passed_counts)
{
    uint64_t before = libc_clock_now_sigsafe();

    errno = 7;
    cr_assert_not(socket_wait_rest(fds[0], false, before - 300 * MS));
    uint64_t waited = libc_clock_now_sigsafe() - before;
    cr_assert_eq(errno, EAGAIN);
    cr_assert_geq(waited, 100 * MS);
    cr_assert_lt(waited, 390 * MS, "it did not start anew");
    before = libc_clock_now_sigsafe();
    cr_assert_not(socket_wait_rest(fds[0], false, before - 900 * MS));
    cr_assert_lt(libc_clock_now_sigsafe() - before, 300 * MS, "it is over");
}

Test(socket_wait, the_call_is_made_again_when_there_is_something)
{
    errno = 7;
    cr_assert_eq(write(fds[1], "x", 1), 1);
    cr_assert(socket_wait_rest(fds[0], false, socket_wait_begin()));
    cr_assert_eq(errno, 7);
}

Test(socket_wait, without_a_time_out_the_call_itself_waits)
{
    errno = 7;
    cr_assert(socket_wait_rest(fds[1], false, socket_wait_begin()));
    cr_assert(socket_wait_rest(fds[0], true, socket_wait_begin()));
    cr_assert(socket_wait_rest(-1, false, socket_wait_begin()));
    socket_wait_used = false;
    cr_assert_eq(socket_wait_begin(), 0);
    cr_assert(socket_wait_rest(fds[0], false, 0), "not timed");
    cr_assert_eq(errno, 7);
}

/* 584 years in nanoseconds wrap around to 0.3 s. */
Test(socket_wait, nobody_waits_too_short_for_a_time_out_too_long)
{
    const struct timeval length = {.tv_sec = 18446744074};

    cr_assert_eq(setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &length, sizeof(length)), 0);
    errno = 7;
    cr_assert(socket_wait_rest(fds[0], false, 1));
    cr_assert_eq(errno, 7);
}
