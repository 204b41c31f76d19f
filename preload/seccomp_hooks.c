/*
 * prctl() and syscall(). Its own file because these two are on the way of much else
 * and must add next to nothing.
 */
#include "preload/seccomp_hooks.h"

#include "preload/platform.h"
#include "preload/profinject.h"
#include "preload/session.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define SECCOMP_NUMBER 317 /* for the assembler */
_Static_assert(SYS_seccomp == SECCOMP_NUMBER, "number of seccomp");

typedef long system_call(long number, ...);

#define HIDDEN __attribute__((visibility("hidden"), used))
system_call platform_syscall HIDDEN;
HIDDEN system_call *seccomp_hooks_onward = platform_syscall;

HIDDEN long seccomp_hooks_failed(long result);
HIDDEN long seccomp_hooks_seccomp(long number, long operation, long flags, long argument);

long seccomp_hooks_failed(long result)
{
    errno = (int)-result;
    return -1;
}

long seccomp_hooks_seccomp(long number, long operation, long flags, long argument)
{
    int saved_errno = errno;
    /* Without a filter it is a question whether filters are known. */
    if (operation == SECCOMP_SET_MODE_STRICT || (operation == SECCOMP_SET_MODE_FILTER && argument))
        session_confined((flags & SECCOMP_FILTER_FLAG_TSYNC) != 0);
    errno = saved_errno;
    return seccomp_hooks_onward(number, operation, flags, argument);
}

PROFINJECT_API long syscall(long number, ...);
PLATFORM_SYSCALL_HOOK(317, seccomp_hooks_seccomp, seccomp_hooks_onward, seccomp_hooks_failed);

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
    if (option == PR_SET_SECCOMP && (argument[0] == SECCOMP_MODE_STRICT || argument[1])) {
        int saved_errno = errno;
        session_confined(false);
        errno = saved_errno;
    }
    return real(option, argument[0], argument[1], argument[2], argument[3]);
}

void seccomp_hooks_init(void)
{
    system_call *next = (system_call *)dlsym(RTLD_NEXT, "syscall");
    if (next)
        seccomp_hooks_onward = next;
}
