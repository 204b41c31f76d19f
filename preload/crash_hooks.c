/*
 * sigaction() and its relatives, so that nobody who asks finds our handler. Its own file
 * because hooks are what the target sees of us, and stay thin.
 *
 * They may be called in handlers: the real functions are looked up when the library is loaded.
 */
#include "preload/crash_hooks.h"

#include "preload/crash.h"
#include "preload/profinject.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

typedef void handler(int);

static struct {
    int (*sigaction)(int, const struct sigaction *, struct sigaction *);
    handler *(*signal)(int, handler *);
    handler *(*sysv_signal)(int, handler *);
    handler *(*sigset)(int, handler *);
} real;

void crash_hooks_init(void)
{
    *(void **)&real.signal = dlsym(RTLD_NEXT, "signal");
    *(void **)&real.sysv_signal = dlsym(RTLD_NEXT, "sysv_signal");
    *(void **)&real.sigset = dlsym(RTLD_NEXT, "sigset");
    *(void **)&real.sigaction = dlsym(RTLD_NEXT, "sigaction");
}

static int act(int number, const struct sigaction *action, struct sigaction *before)
{
    bool to_default = action && action->sa_handler == SIG_DFL; /* they may be the same */
    if (!real.sigaction)
        crash_hooks_init();
    int status = real.sigaction(number, action, before);
    if (status == 0 && before)
        crash_hide_sigsafe(number, before);
    if (status == 0 && to_default)
        crash_stand_in_sigsafe(number);
    return status;
}

PROFINJECT_API int sigaction(int number, const struct sigaction *action, struct sigaction *before)
{
    return act(number, action, before);
}

PROFINJECT_API int __sigaction(int number, const struct sigaction *action, /* NOLINT */
                               struct sigaction *before)
{
    return act(number, action, before);
}

static handler *set(handler *(*const *call)(int, handler *), int number, handler *wanted)
{
    if (!*call)
        crash_hooks_init();
    handler *before = (*call)(number, wanted);
    if (crash_is_ours_sigsafe(before))
        before = SIG_DFL;
    if (before != SIG_ERR && wanted == SIG_DFL)
        crash_stand_in_sigsafe(number);
    return before;
}

PROFINJECT_API handler *signal(int number, handler *wanted)
{
    return set(&real.signal, number, wanted);
}

PROFINJECT_API handler *ssignal(int number, handler *wanted)
{
    return set(&real.signal, number, wanted);
}

PROFINJECT_API handler *bsd_signal(int number, handler *wanted)
{
    return set(&real.signal, number, wanted);
}

PROFINJECT_API handler *sysv_signal(int number, handler *wanted)
{
    return set(&real.sysv_signal, number, wanted);
}

PROFINJECT_API handler *__sysv_signal(int number, handler *wanted) /* NOLINT */
{
    return set(&real.sysv_signal, number, wanted);
}

PROFINJECT_API handler *sigset(int number, handler *wanted)
{
    return set(&real.sigset, number, wanted);
}
