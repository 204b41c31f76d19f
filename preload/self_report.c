/*
 * Starting a program inside somebody else's. Its own file because fork() would run
 * the target's handlers and copy its memory, and a usual child would be found by its
 * wait(). So a middleman that shares the memory and has no exit signal (clone(2),
 * __WCLONE) starts the program and waits for it: exec itself would give the signal back.
 */
#include "preload/self_report.h"

#include "preload/platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_SIZE (64u << 10)
#define ARGUMENTS_MAX 8
#define ENVIRONMENT_MAX 1024

struct start {
    const char *program;
    const char *arguments[ARGUMENTS_MAX + 1];
    const char *environment[ENVIRONMENT_MAX + 1];
    sigset_t mask;
    char *stack; /* of the program until exec */
    int status;  /* as of wait() */
};

static bool find_analyzer(char *path, size_t size)
{
    static const char *const places[] = {"profinject", "../../bin/profinject"};
    Dl_info info;
    if (!dladdr(__extension__(void *) self_report, &info) || !info.dli_fname)
        return false;
    const char *slash = strrchr(info.dli_fname, '/');
    int length = slash ? (int)(slash - info.dli_fname) : 0;
    for (size_t i = 0; slash && i < sizeof places / sizeof places[0]; i++) {
        snprintf(path, size, "%.*s/%s", length, info.dli_fname, places[i]);
        if (access(path, X_OK) == 0)
            return true;
    }
    return false;
}

/* What would profile the analyzer stays behind. */
static void copy_environment(struct start *start)
{
    size_t count = 0;
    for (char **entry = environ; entry && *entry && count < ENVIRONMENT_MAX; entry++)
        if (strncmp(*entry, "LD_PRELOAD=", 11) != 0 && strncmp(*entry, "PROFINJECT_", 11) != 0)
            start->environment[count++] = *entry;
    start->environment[count] = NULL;
}

/* On a stack of its own while the thread that called us stands still. Raw calls: the C
 * library's would change what it keeps for that thread. */
static int run_program(void *argument)
{
    const struct start *start = argument;
    long null = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++)
        syscall(SYS_dup3, null, fd, 0);
    syscall(SYS_close_range, 3u, ~0u, 0);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &start->mask, NULL, _NSIG / 8);
    /* Not by a hook of ours, which would have it profiled. */
    platform_syscall4_sigsafe(SYS_execve, (long)start->program, (long)start->arguments,
                              (long)start->environment, 0);
    syscall(SYS_exit, 127);
    return 127;
}

static int run_middleman(void *argument)
{
    static const uint64_t by_default[4]; /* the kernel's struct sigaction */
    struct start *start = argument;
    syscall(SYS_rt_sigaction, SIGCHLD, by_default, NULL, _NSIG / 8);
    int pid = clone(run_program, start->stack, CLONE_VM | CLONE_VFORK | SIGCHLD, start);
    long result = pid < 0 ? -1 : 0;
    while (pid > 0 && (result = syscall(SYS_wait4, pid, &start->status, 0, NULL)) < 0 &&
           errno == EINTR)
        ;
    if (result < 0)
        start->status = -1;
    syscall(SYS_exit, 0);
    return 0;
}

static int run(struct start *start, char *stack)
{
    sigset_t all;
    int failure = 0;
    start->stack = stack + STACK_SIZE / 2;
    start->status = -1;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &start->mask);
    int pid = clone(run_middleman, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK, start);
    if (pid < 0)
        failure = -errno;
    pthread_sigmask(SIG_SETMASK, &start->mask, NULL);
    if (failure)
        return failure;
    while (waitpid(pid, NULL, __WCLONE) < 0)
        if (errno != EINTR)
            return -errno;
    return start->status == 0 ? 0 : -EIO;
}

int self_report(const char *const *arguments, const char *trace)
{
    static struct start start;
    static char program[PATH_MAX];
    size_t count = 0;
    int saved_errno = errno;
    if (!find_analyzer(program, sizeof program)) {
        errno = saved_errno;
        return -ENOENT;
    }
    start.program = program;
    start.arguments[count++] = program;
    for (; *arguments && count < ARGUMENTS_MAX - 1; arguments++)
        start.arguments[count++] = *arguments;
    start.arguments[count++] = trace;
    start.arguments[count] = NULL;
    copy_environment(&start);
    char *stack =
        mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int status = stack == MAP_FAILED ? -errno : run(&start, stack);
    if (stack != MAP_FAILED)
        munmap(stack, STACK_SIZE);
    errno = saved_errno;
    return status;
}
