/*
 * Sleeps, and waits for signals. One file because nothing of the program's ends them but time
 * and signals.
 */
#include "preload/held_signals.h"
#include "preload/hooked.h"
#include "preload/timeouts.h"
#include "preload/wait_hooks.h"

#include <signal.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define REAL_FUNCTIONS(X)                                                                 \
    X(int, clock_nanosleep, (clockid_t, int, const struct timespec *, struct timespec *)) \
    X(int, pause, (void))                                                                 \
    X(int, sigsuspend, (const sigset_t *))                                                \
    X(int, sigwait, (const sigset_t *, int *))                                            \
    X(int, sigwaitinfo, (const sigset_t *, siginfo_t *))                                  \
    X(int, sigtimedwait, (const sigset_t *, siginfo_t *, const struct timespec *))
HOOK_TABLE(sleep_hooks_init)

/* The rest is slept where our signal ended it. 0 or what ended it, never in errno. */
static int sleep_on(clockid_t clock, int flags, const struct timespec *wanted,
                    struct timespec *left, const void *caller)
{
    struct timespec rest = {0, 0}, next;
    struct wait wait;
    int status;
    FIND(clock_nanosleep);
    waits_begin(&wait, TRACE_WAIT_SLEEP, 0, 0);
    for (;;) {
        retry_noted = 0;
        status = real.clock_nanosleep(clock, flags, wanted, &rest);
        if (PLATFORM_LIKELY(status != EINTR || !retry_noted))
            break;
        if (!(flags & TIMER_ABSTIME)) {
            next = rest;
            wanted = &next;
        }
    }
    END_WAIT_OF(caller, wait, TRACE_WAIT_SLEEP, 0, 0, 0);
    if (status == EINTR && left && !(flags & TIMER_ABSTIME))
        *left = rest;
    return status;
}

static int sleep_relative(const struct timespec *wanted, struct timespec *left, const void *caller)
{
    int status = sleep_on(CLOCK_REALTIME, 0, wanted, left, caller);
    if (status != 0)
        errno = status;
    return status != 0 ? -1 : 0;
}

PROFINJECT_API int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
                                   struct timespec *left)
{
    return sleep_on(clock, flags, wanted, left, CALLER);
}

PROFINJECT_API int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    return sleep_relative(wanted, left, CALLER);
}

/* C11's own way to say what ended it. */
PROFINJECT_API int thrd_sleep(const struct timespec *wanted, struct timespec *left)
{
    int status = sleep_on(CLOCK_REALTIME, 0, wanted, left, CALLER);
    return status == 0 ? 0 : status == EINTR ? -1 : -2;
}

PROFINJECT_API unsigned sleep(unsigned seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds};
    return sleep_relative(&time, &time, CALLER) == 0 ? 0 : (unsigned)time.tv_sec;
}

PROFINJECT_API int usleep(useconds_t us)
{
    struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};
    return sleep_relative(&time, NULL, CALLER);
}

PROFINJECT_API int pause(void)
{
    FIND(pause);
    HOLD_SIGNALS(signals, true);
    if (!signals.held) {
        RETRY_IN(TRACE_WAIT_SIGNAL, 0, 0, real.pause(), (void)0);
    }
    const sigset_t mask = held_signals_mask(&signals);
    RETRY_IN(TRACE_WAIT_SIGNAL, 0, 0, real.sigsuspend(&mask), (void)0);
}

PROFINJECT_API int sigsuspend(const sigset_t *mask)
{
    FIND(sigsuspend);
    HOLD_SIGNALS(signals, true);
    RETRY_IN(TRACE_WAIT_SIGNAL, 0, 0, real.sigsuspend(mask), (void)0);
}

PROFINJECT_API int sigwait(const sigset_t *set, int *signal)
{
    FIND(sigwait);
    PASS_UNLESS_WATCHED(real.sigwait(set, signal));
    WAIT_IN(TRACE_WAIT_SIGNAL, 0, 0, 0, real.sigwait(set, signal));
}

PROFINJECT_API int sigwaitinfo(const sigset_t *set, siginfo_t *info)
{
    FIND(sigwaitinfo);
    RETRY_IN(TRACE_WAIT_SIGNAL, 0, 0, real.sigwaitinfo(set, info), (void)0);
}

PROFINJECT_API
int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)
{
    FIND(sigtimedwait);
    struct timeout t = timeout_of(timeout);
    RETRY_IN(TRACE_WAIT_SIGNAL, 0, 0, real.sigtimedwait(set, info, t.given), timeout_shorten(&t));
}
