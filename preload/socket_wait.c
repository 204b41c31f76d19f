/*
 * Waiting for the rest. Its own file because the time-out is the socket's: it is looked
 * up only once a call was ended, and never changed, as others may use the socket.
 */
#include "preload/socket_wait.h"

#include "preload/clock.h"
#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

bool socket_wait_used;

uint64_t socket_wait_clock(void)
{
    return !confinement_is_strict_sigsafe() ? libc_clock_read_sigsafe(CLOCK_MONOTONIC_COARSE) : 0;
}

/* 0: for ever, or as good as that (three weeks: poll takes no more), or `fd` is no
 * socket. */
static uint64_t timeout_ns(int fd, bool sends)
{
    struct timeval length = {0, 0};
    socklen_t size = sizeof length;
    if (getsockopt(fd, SOL_SOCKET, sends ? SO_SNDTIMEO : SO_RCVTIMEO, &length, &size) != 0)
        return 0;
    if (length.tv_sec >= INT_MAX / 1000 - 1)
        return 0;
    return (uint64_t)length.tv_sec * 1000000000u + (uint64_t)length.tv_usec * 1000u;
}

bool socket_wait_rest(int fd, bool sends, uint64_t begin_ns)
{
    struct pollfd one = {.fd = fd, .events = sends ? POLLOUT : POLLIN};
    int saved_errno = errno;
    uint64_t length = begin_ns ? timeout_ns(fd, sends) : 0;
    if (length == 0) {
        errno = saved_errno;
        return true;
    }
    uint64_t end = begin_ns + clock_tick_ns() + length, now = libc_clock_now_sigsafe();
    uint64_t left_ms = end > now ? (end - now + 999999u) / 1000000u : 0;
    int ready = poll(&one, 1, (int)left_ms);
    if (ready > 0)
        errno = saved_errno;
    else if (ready == 0)
        errno = EAGAIN;
    return ready > 0;
}
