/*
 * Waiting for any of several descriptors: poll, select, epoll. Their time-outs are relative, and
 * shortened by what passed where a call is made again.
 */
#include "preload/held_signals.h"
#include "preload/hooked.h"
#include "preload/timeouts.h"
#include "preload/wait_hooks.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>

#define REAL_FUNCTIONS(X)                                                               \
    X(int, poll, (struct pollfd *, nfds_t, int))                                        \
    X(int, __poll_chk, (struct pollfd *, nfds_t, int, size_t))                          \
    X(int, ppoll, (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *)) \
    X(int, __ppoll_chk,                                                                 \
      (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t))     \
    X(int, select, (int, fd_set *, fd_set *, fd_set *, struct timeval *))               \
    X(int, pselect,                                                                     \
      (int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *))   \
    X(int, epoll_wait, (int, struct epoll_event *, int, int))                           \
    X(int, epoll_pwait, (int, struct epoll_event *, int, int, const sigset_t *))        \
    X(int, epoll_pwait2,                                                                \
      (int, struct epoll_event *, int, const struct timespec *, const sigset_t *))
HOOK_TABLE(descriptor_hooks_init)

/* Of one descriptor it is that; the array may be read once the kernel has. */
static uint64_t object_of(const struct pollfd *fds, nfds_t count, int result)
{
    return count == 1 && result >= 0 ? waits_descriptor(fds->fd) : 0;
}

#define RETRY_POLL(call, before_again)                                    \
    struct wait wait;                                                     \
    int result;                                                           \
    waits_begin(&wait, TRACE_WAIT_POLL, 0, 0);                            \
    RETRY_INTO(result, call, before_again)                                \
    END_WAIT(wait, TRACE_WAIT_POLL, object_of(fds, count, result), 0, 0); \
    return result

#define RETRY_EPOLL(call, before_again) \
    RETRY_IN(TRACE_WAIT_POLL, waits_descriptor(fd), 0, call, before_again)

PROFINJECT_API int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    FIND(poll);
    struct timeout_ms t = timeout_ms_of(timeout);
    RETRY_POLL(real.poll(fds, count, t.left), timeout_ms_shorten(&t));
}

PROFINJECT_API int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t size)
{
    FIND(__poll_chk);
    struct timeout_ms t = timeout_ms_of(timeout);
    RETRY_POLL(real.__poll_chk(fds, count, t.left, size), timeout_ms_shorten(&t));
}

PROFINJECT_API int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                         const sigset_t *mask)
{
    FIND(ppoll);
    HOLD_SIGNALS(signals, mask);
    struct timeout t = timeout_of(timeout);
    RETRY_POLL(real.ppoll(fds, count, t.given, mask), timeout_shorten(&t));
}

PROFINJECT_API int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                               const sigset_t *mask, size_t size)
{
    FIND(__ppoll_chk);
    HOLD_SIGNALS(signals, mask);
    struct timeout t = timeout_of(timeout);
    RETRY_POLL(real.__ppoll_chk(fds, count, t.given, mask, size), timeout_shorten(&t));
}

/* The kernel leaves what is left in *timeout, and the sets as they were. */
PROFINJECT_API int select(int count, fd_set *in, fd_set *out, fd_set *other,
                          struct timeval *timeout)
{
    FIND(select);
    RETRY_IN(TRACE_WAIT_POLL, 0, 0, real.select(count, in, out, other, timeout), (void)0);
}

PROFINJECT_API int pselect(int count, fd_set *in, fd_set *out, fd_set *other,
                           const struct timespec *timeout, const sigset_t *mask)
{
    FIND(pselect);
    HOLD_SIGNALS(signals, mask);
    struct timeout t = timeout_of(timeout);
    RETRY_IN(TRACE_WAIT_POLL, 0, 0, real.pselect(count, in, out, other, t.given, mask),
             timeout_shorten(&t));
}

PROFINJECT_API int epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
    FIND(epoll_wait);
    struct timeout_ms t = timeout_ms_of(timeout);
    RETRY_EPOLL(real.epoll_wait(fd, events, count, t.left), timeout_ms_shorten(&t));
}

PROFINJECT_API int epoll_pwait(int fd, struct epoll_event *events, int count, int timeout,
                               const sigset_t *mask)
{
    FIND(epoll_pwait);
    HOLD_SIGNALS(signals, mask);
    struct timeout_ms t = timeout_ms_of(timeout);
    RETRY_EPOLL(real.epoll_pwait(fd, events, count, t.left, mask), timeout_ms_shorten(&t));
}

PROFINJECT_API int epoll_pwait2(int fd, struct epoll_event *events, int count,
                                const struct timespec *timeout, const sigset_t *mask)
{
    FIND(epoll_pwait2);
    HOLD_SIGNALS(signals, mask);
    struct timeout t = timeout_of(timeout);
    RETRY_EPOLL(real.epoll_pwait2(fd, events, count, t.given, mask), timeout_shorten(&t));
}
