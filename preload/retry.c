/*
 * Seeing that our signal ended a system call. Its own file because this half runs in
 * the handler, the other in hooks.
 */
#include "preload/retry.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

__thread uintptr_t retry_noted;

void retry_note_sigsafe(const ucontext_t *context)
{
    uint64_t pending = 0, blocked;
    if (PLATFORM_LIKELY(!platform_ended_by_signal_sigsafe(context)))
        return;
    /* Everything is blocked in our handler, so everything that waits is seen. What the
     * thread had not blocked will be handled as soon as we return, and then the call
     * has failed because of that as well. */
    platform_syscall4_sigsafe(SYS_rt_sigpending, (long)&pending, sizeof pending, 0, 0);
    memcpy(&blocked, &context->uc_sigmask, sizeof blocked);
    retry_noted = !(pending & ~blocked);
}

void retry_note_strict_sigsafe(const ucontext_t *context)
{
    if (platform_ended_by_signal_sigsafe(context))
        retry_noted = 1;
}
