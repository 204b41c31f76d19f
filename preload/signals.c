/*
 * Taking and keeping the profiling signal. Its own file because it goes around the
 * C library: by raw calls, with a signal frame and a return path of our own.
 */
#include "preload/signals.h"

#include "preload/platform.h"
#include "preload/profinject.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#define SIGNAL_BIT(number) (1ull << ((number)-1))
#define MASK_SIZE sizeof(uint64_t)
#define SETXID 33 /* glibc's other one: must reach every thread */

static signals_handler *ours;
static struct signals_action others; /* what was there */

/*
 * The way back from a handler. Debuggers and unwinders (gdb, libgcc, libunwind) know
 * a signal frame by these very bytes, where no unwind table covers the byte before
 * them either; gdb besides only under a name with "sigaction" in it, or none.
 */
__asm__(".pushsection .text\n"
        ".balign 16\n"
        "nop; nop; nop; nop; nop; nop; nop; nop\n"
        ".balign 16, 0x90\n"
        ".hidden signals_sigaction_return\n"
        ".globl signals_sigaction_return\n"
        ".type signals_sigaction_return, @function\n"
        "signals_sigaction_return:\n"
        ".byte 0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05\n"
        ".size signals_sigaction_return, . - signals_sigaction_return\n"
        ".popsection\n");
extern void signals_sigaction_return(void) __attribute__((visibility("hidden")));

long signals_action_sigsafe(int number, const struct signals_action *action,
                            struct signals_action *before)
{
    return platform_syscall4_sigsafe(SYS_rt_sigaction, number, (long)action, (long)before,
                                     MASK_SIZE);
}

struct signals_action signals_action_of(signals_handler *handler, unsigned long flags)
{
    return (struct signals_action){
        .handler = handler,
        /* On the alternate stack where there is one: runtimes with small stacks of
         * their own ask for it. */
        .flags = SA_SIGINFO | SA_ONSTACK | PLATFORM_SA_RESTORER | flags,
        .restorer = signals_sigaction_return,
        /* A handler of the target's that leaves ours by siglongjmp would leave a record
         * uncommitted, and the ring stands still behind it. */
        .mask = ~SIGNAL_BIT(SETXID),
    };
}

static int take(void)
{
    struct signals_action before = {0};
    const struct signals_action action = signals_action_of(ours, SA_RESTART);
    long status = signals_action_sigsafe(SIGNALS_OURS, &action, &before);
    if (status == 0 && before.handler != ours)
        others = before;
    return (int)status;
}

int signals_take(signals_handler *handler)
{
    ours = handler;
    return take();
}

void signals_keep(void)
{
    struct signals_action now = {0};
    if (ours && signals_action_sigsafe(SIGNALS_OURS, NULL, &now) == 0 && now.handler != ours)
        take();
}

static void end_process_sigsafe(void)
{
    const struct signals_action by_default = {0};
    signals_action_sigsafe(SIGNALS_OURS, &by_default, NULL);
    long process = platform_syscall4_sigsafe(SYS_getpid, 0, 0, 0, 0);
    long self = platform_syscall4_sigsafe(SYS_gettid, 0, 0, 0, 0);
    platform_syscall4_sigsafe(SYS_tgkill, process, self, SIGNALS_OURS, 0);
}

void signals_pass_on_sigsafe(int number, siginfo_t *info, void *context)
{
    const struct signals_action other = others;
    uint64_t mask;
    if ((uintptr_t)other.handler == (uintptr_t)SIG_IGN)
        return;
    if ((uintptr_t)other.handler == (uintptr_t)SIG_DFL) {
        end_process_sigsafe();
        return;
    }
    /* What the kernel would have made of the mask, had it called that handler. */
    memcpy(&mask, &((ucontext_t *)context)->uc_sigmask, sizeof mask);
    signals_restore_sigsafe(mask | other.mask | SIGNAL_BIT(SIGNALS_OURS));
    other.handler(number, info, context);
}

uint64_t signals_block_all_sigsafe(void)
{
    const uint64_t all = ~SIGNAL_BIT(SETXID);
    uint64_t before = 0;
    platform_syscall4_sigsafe(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&before,
                              MASK_SIZE);
    return before;
}

void signals_restore_sigsafe(uint64_t mask)
{
    platform_syscall4_sigsafe(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, MASK_SIZE);
}

/* The first call puts glibc's handler where ours is. It ignores everything but what
 * glibc itself sends, so until it is back only samples are missed. */
PROFINJECT_API int pthread_cancel(pthread_t thread)
{
    static int (*real)(pthread_t);
    int (*cancel)(pthread_t) = __atomic_load_n(&real, __ATOMIC_RELAXED);
    if (!cancel) {
        cancel = (int (*)(pthread_t))dlsym(RTLD_NEXT, "pthread_cancel");
        __atomic_store_n(&real, cancel, __ATOMIC_RELAXED);
    }
    int status = cancel ? cancel(thread) : ENOSYS;
    signals_keep();
    return status;
}
