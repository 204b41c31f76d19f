/*
 * sigaction and signal for SIGPROF. Their own file because a target that sets
 * every signal to its default (sort does, to clean up) would otherwise be killed
 * by our timers.
 */
#include "preload/signal_hooks.h"

#include "preload/platform.h"
#include "preload/profinject.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>

typedef int sigaction_function(int, const struct sigaction *, struct sigaction *);

static sigaction_function *real_sigaction;
static sighandler_t (*real_signal)(int, sighandler_t);
static bool taken;
static struct sigaction targets; /* what the target asked for */

static void find_real(void)
{
    if (!real_signal) {
        real_sigaction = (sigaction_function *)dlsym(RTLD_NEXT, "sigaction");
        real_signal = (sighandler_t(*)(int, sighandler_t))dlsym(RTLD_NEXT, "signal");
    }
}

int signal_hooks_take_sigprof(void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action;
    find_real();
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handler;
    /* On the alternate stack where there is one: runtimes with small stacks of
     * their own ask for it. */
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
    /* A handler of the target's that leaves ours by siglongjmp would leave a record
     * uncommitted, and the ring stands still behind it. */
    sigfillset(&action.sa_mask);
    if (real_sigaction(SIGPROF, &action, &targets) != 0)
        return -errno;
    taken = true;
    return 0;
}

void signal_hooks_pass_on_sigsafe(int number, siginfo_t *info, void *context)
{
    const struct sigaction target = targets;
    if (target.sa_flags & SA_SIGINFO)
        target.sa_sigaction(number, info, context);
    else if (target.sa_handler != SIG_IGN && target.sa_handler != SIG_DFL)
        target.sa_handler(number);
    else if (target.sa_handler == SIG_DFL) {
        /* Its default is to end the process: let it, as soon as we return. */
        struct sigaction action = {.sa_handler = SIG_DFL};
        real_sigaction(SIGPROF, &action, NULL);
        long self = platform_syscall4_sigsafe(SYS_gettid, 0, 0, 0, 0);
        platform_syscall4_sigsafe(SYS_tkill, self, SIGPROF, 0, 0);
    }
}

PROFINJECT_API int sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
    find_real();
    if (number != SIGPROF || !taken)
        return real_sigaction(number, action, old);
    struct sigaction before = targets;
    if (action)
        targets = *action;
    if (old)
        *old = before;
    return 0;
}

PROFINJECT_API sighandler_t signal(int number, sighandler_t handler)
{
    find_real();
    if (number != SIGPROF || !taken)
        return real_signal(number, handler);
    sighandler_t before = targets.sa_handler;
    memset(&targets, 0, sizeof targets);
    targets.sa_handler = handler;
    return before;
}
