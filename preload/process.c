/*
 * Fork and exit. Its own file because each is a moment at which the session must
 * be left in order, and a vfork child must touch nothing at all.
 */
#include "preload/process.h"

#include "preload/fork_child.h"
#include "preload/hard_states.h"
#include "preload/platform.h"
#include "preload/profinject.h"
#include "preload/session.h"
#include "preload/signals.h"
#include "preload/threads.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    void (*quick_exit)(int), (*_exit)(int); /* neither returns */
} real;

static PLATFORM_FORK_DATA uint64_t before_fork; /* guarded by the threads' lock */

/* A profiling signal between fork and the child's own session would write to the
 * parent's rings; one that interrupts fork itself restarts it for ever. */
static void fork_prepare(void)
{
    /* First: in a child that has not begun (nap.h) the handler takes the second lock. */
    uint64_t before = signals_block_all_sigsafe();
    hard_states_lock();
    threads_lock();
    /* Handlers of others run before ours in the child, where the counters still
     * are the parent's: what they allocate at a fork counts nowhere. */
    if (session_is_open())
        fork_child_prepare();
    threads_pause_counts();
    before_fork = before;
}

static void fork_parent(void)
{
    sigset_t before;
    sigemptyset(&before);
    memcpy(&before, &before_fork, sizeof before_fork);
    threads_resume_counts();
    threads_unlock();
    hard_states_unlock();
    /* What ticked meanwhile is delivered now: in code of the C library's, and not in ours, to
     * which all that a fork takes would be charged. */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void fork_child(void)
{
    uint64_t before = before_fork;
    int saved_errno = errno;
    threads_unlock();
    hard_states_unlock();
    if (session_is_open())
        fork_child_begin();
    signals_restore_sigsafe(before);
    errno = saved_errno;
}

/* Registered before the loader's own handler, so it runs after every destructor. */
static void at_exit(int status, void *unused)
{
    (void)unused;
    if (session_is_ours())
        session_end(TRACE_END_EXIT, status & 0xff);
}

static void find_real(void)
{
    *(void **)&real.quick_exit = dlsym(RTLD_NEXT, "quick_exit");
    *(void **)&real._exit = dlsym(RTLD_NEXT, "_exit");
}

void process_init(void)
{
    find_real();
    pthread_atfork(fork_prepare, fork_parent, fork_child);
    on_exit(at_exit, NULL);
}

PROFINJECT_API _Noreturn void quick_exit(int status)
{
    at_exit(status, NULL); /* its own handlers run unprofiled: they are not told the status */
    if (!real.quick_exit)
        find_real();
    real.quick_exit(status);
    __builtin_unreachable();
}

PROFINJECT_API _Noreturn void _exit(int status)
{
    at_exit(status, NULL);
    if (!real._exit)
        find_real();
    real._exit(status);
    __builtin_unreachable();
}

/* C99's name for the same; glibc's are one function as well. */
PROFINJECT_API _Noreturn void _Exit(int status)
{
    _exit(status);
}

/* As the C library does it, but for the parent's end, which is ours to see. */
PROFINJECT_API int daemon(int stay, int keep_open)
{
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child > 0)
        _exit(0);
    if (setsid() < 0)
        return -1;
    if (!stay && chdir("/") != 0)
        errno = 0; /* not looked at there either */
    if (keep_open)
        return 0;
    int fd = open("/dev/null", O_RDWR);
    if (fd < 0)
        return -1;
    for (int i = 0; i <= STDERR_FILENO; i++)
        dup2(fd, i);
    if (fd > STDERR_FILENO)
        close(fd);
    return 0;
}
