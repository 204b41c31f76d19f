/*
 * prctl() and syscall(). Its own file because these two are on the way of much else
 * and must add next to nothing. What execs by number does so as by name; futexes are waited for by
 * number only.
 */
#include "preload/syscall_hooks.h"

#include "preload/departure.h"
#include "preload/hooked.h"
#include "preload/session.h"

#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(SYS_execve == 59 && SYS_exit == 60 && SYS_prctl == 157 && SYS_futex == 202 &&
                   SYS_seccomp == 317 && SYS_execveat == 322,
               "numbers of the calls that are watched");

typedef long system_call(long number, ...);

#define HIDDEN __attribute__((visibility("hidden"), used))
system_call platform_syscall HIDDEN;
HIDDEN system_call *syscall_hooks_onward = platform_syscall;

HIDDEN long syscall_hooks_failed(long result);
HIDDEN long syscall_hooks_watched(long number, long a, long b, long c, long d, long e, long f);

long syscall_hooks_failed(long result)
{
    errno = (int)-result;
    return -1;
}

static void note_seccomp(long operation, long flags, long argument)
{
    int saved_errno = errno;
    if (operation == SECCOMP_SET_MODE_STRICT && !flags && !argument) /* else it is refused */
        departure_into_strict();
    /* Without a filter it is a question whether filters are known. */
    if (operation == SECCOMP_SET_MODE_FILTER && argument)
        session_confined((flags & SECCOMP_FILTER_FLAG_TSYNC) != 0);
    errno = saved_errno;
}

static void note_prctl(long option, long mode, long argument)
{
    int saved_errno = errno;
    if (option == PR_SET_DUMPABLE && mode == 0)
        session_hides();
    if (option != PR_SET_SECCOMP) {
        errno = saved_errno;
        return;
    }
    if (mode == SECCOMP_MODE_STRICT)
        departure_into_strict();
    else if (argument)
        session_confined(false);
    errno = saved_errno;
}

static bool waits_for_futex(int operation)
{
    return operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET ||
           operation == FUTEX_LOCK_PI || operation == FUTEX_LOCK_PI2 ||
           operation == FUTEX_WAIT_REQUEUE_PI;
}

/* Who wakes one, or as many as it says. */
static void note_wake(int operation, long object, long count)
{
    bool wakes = operation == FUTEX_WAKE || operation == FUTEX_WAKE_BITSET ||
                 operation == FUTEX_WAKE_OP || operation == FUTEX_REQUEUE ||
                 operation == FUTEX_CMP_REQUEUE;
    if (wakes)
        wakers_note((uint64_t)object, waits_tid(), waits_now(),
                    (int)count == 1 ? WAKERS_ONE : WAKERS_ALL);
}

static long use_futex(const long *with, const void *caller)
{
    const int operation = (int)with[1] & FUTEX_CMD_MASK;
    const uint64_t object = (uint64_t)with[0];
    struct wait wait;
    bool waits = waits_for_futex(operation);
    if (waits)
        waits_begin(&wait, TRACE_WAIT_FUTEX, object, 0);
    else
        note_wake(operation, with[0], with[2]);
    long result =
        syscall_hooks_onward(SYS_futex, with[0], with[1], with[2], with[3], with[4], with[5]);
    if (waits)
        END_WAIT_OF(caller, wait, TRACE_WAIT_FUTEX, object,
                    result == 0 ? WAKER_OF(wait, object) : 0, 0);
    return result;
}

long syscall_hooks_watched(long number, long a, long b, long c, long d, long e, long f)
{
    if (number == SYS_futex && waits_are_watched())
        return use_futex((const long[]){a, b, c, d, e, f}, CALLER);
    if (number == SYS_execve)
        return execve((const char *)a, (char **)b, (char **)c);
    if (number == SYS_execveat)
        return execveat((int)a, (const char *)b, (char **)c, (char **)d, (int)e);
    if (number == SYS_exit)
        departure_by_exit((int)a);
    else if (number == SYS_prctl)
        note_prctl(a, b, c);
    else if (number == SYS_seccomp)
        note_seccomp(a, b, c);
    return syscall_hooks_onward(number, a, b, c, d, e, f);
}

PROFINJECT_API long syscall(long number, ...);
#define WATCHED(number) PLATFORM_SYSCALL_CASE(number, syscall_hooks_watched)
PLATFORM_SYSCALL_HOOK(WATCHED(59) WATCHED(60) WATCHED(157) WATCHED(202) WATCHED(317) WATCHED(322),
                      syscall_hooks_onward, syscall_hooks_failed);

PROFINJECT_API int prctl(int option, ...)
{
    static int (*real)(int, ...);
    unsigned long argument[4];
    va_list list;
    va_start(list, option);
    for (int i = 0; i < 4; i++)
        argument[i] = va_arg(list, unsigned long);
    va_end(list);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "prctl");
    note_prctl(option, (long)argument[0], (long)argument[1]);
    return real(option, argument[0], argument[1], argument[2], argument[3]);
}

void syscall_hooks_init(void)
{
    system_call *next = (system_call *)dlsym(RTLD_NEXT, "syscall");
    if (next)
        syscall_hooks_onward = next;
}
