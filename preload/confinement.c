/*
 * Trying system calls in a child. Its own file because the child shares nothing but
 * these lines, and must call nothing of the C library's.
 */
#include "preload/confinement.h"

#include "preload/contract/kernel_text.h"
#include "preload/platform.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static bool any_filtered, all_filtered; /* written by confinement_note_sigsafe() */
__thread uintptr_t confinement_strict;

enum mode { MODE_NONE, MODE_STRICT, MODE_FILTER }; /* as the kernel numbers them */
#define MODE_UNKNOWN UINT_MAX                      /* a kernel without seccomp, or no such thread */
#define MODE_NAME "\nSeccomp:"

/* A number of a thread's status; `missing` when it is not there (Seccomp_filters: Linux 5.9). */
static unsigned read_status(const char *path, const char *name, unsigned missing)
{
    char text[4096];
    kernel_text_read(path, text, sizeof text);
    const char *found = strstr(text, name);
    return found ? (unsigned)strtoul(found + strlen(name), NULL, 10) : missing;
}

static bool is_filtered(void)
{
    return read_status("/proc/self/status", MODE_NAME, MODE_UNKNOWN) == MODE_FILTER;
}

unsigned confinement_count_first(void)
{
    return read_status("/proc/self/status", "\nSeccomp_filters:", 0);
}

unsigned confinement_count_own(void)
{
    return read_status("/proc/thread-self/status", "\nSeccomp_filters:", 0);
}

/* Whoever has a filter stays with filters. */
bool confinement_allows_strict(void)
{
    return read_status("/proc/thread-self/status", MODE_NAME, MODE_UNKNOWN) == MODE_NONE;
}

bool confinement_is_strict_task(int tid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/status", tid);
    return read_status(path, MODE_NAME, MODE_UNKNOWN) == MODE_STRICT;
}

void confinement_note_strict(void)
{
    confinement_strict = 1;
}

static void try_call(enum confinement_call call)
{
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    int timer = 0;
    platform_syscall4_sigsafe(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0); /* no core is left */
    if (call == CONFINEMENT_TIMER)
        platform_syscall4_sigsafe(SYS_timer_create, CLOCK_THREAD_CPUTIME_ID, (long)&event,
                                  (long)&timer, 0);
    else
        platform_syscall4_sigsafe(SYS_perf_event_open, 0, 0, -1, -1);
    platform_syscall4_sigsafe(SYS_exit_group, 0, 0, 0, 0);
}

bool confinement_kills(enum confinement_call call)
{
    int saved_errno = errno, status = 0;
    long child = is_filtered() ? platform_syscall4_sigsafe(SYS_clone, 0, 0, 0, 0) : -1;
    if (child == 0)
        try_call(call);
    if (child > 0)
        while (waitpid((pid_t)child, &status, __WALL) < 0 && errno == EINTR)
            ;
    errno = saved_errno;
    return WIFSIGNALED(status);
}

void confinement_note_sigsafe(bool all)
{
    __atomic_store_n(&any_filtered, true, __ATOMIC_RELEASE);
    if (all)
        __atomic_store_n(&all_filtered, true, __ATOMIC_RELEASE);
}

bool confinement_any_sigsafe(void)
{
    return __atomic_load_n(&any_filtered, __ATOMIC_ACQUIRE);
}

bool confinement_all(void)
{
    return __atomic_load_n(&all_filtered, __ATOMIC_ACQUIRE);
}
