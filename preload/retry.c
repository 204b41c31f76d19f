/*
 * Seeing that our signal ended a system call. Its own file because this half runs in
 * the handler, the other in hooks.
 */
#include "preload/retry.h"

#include "preload/modules.h"
#include "preload/safe_read.h"

#include <string.h>
#include <sys/syscall.h>

__thread uintptr_t retry_noted;

/* Hooks call what lies in modules. Elsewhere the register may say so by chance, and before the
 * pc there may be no memory, or none that a handler can read (of runtimes that keep what they
 * compile under a protection key). */
static bool is_readable_sigsafe(uint64_t first, uint64_t pc)
{
    uint64_t start, end;
    if (modules_loader_sigsafe())
        return modules_readable_sigsafe(first, &start, &end) && pc <= end;
    return first / SAFE_READ_PAGE == pc / SAFE_READ_PAGE; /* the page that was executed */
}

static bool ended_by_signal_sigsafe(const ucontext_t *context)
{
    uint64_t pc = platform_registers_sigsafe(context).pc;
    return PLATFORM_UNLIKELY(platform_says_interrupted_sigsafe(context)) &&
           is_readable_sigsafe(pc - PLATFORM_CALL_SIZE, pc) &&
           platform_is_behind_call_sigsafe((const uint8_t *)pc);
}

void retry_note_sigsafe(const ucontext_t *context)
{
    uint64_t pending = 0, blocked;
    if (!ended_by_signal_sigsafe(context))
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
    if (ended_by_signal_sigsafe(context))
        retry_noted = 1;
}
