/*
 * fork, exec, wait. Its own file because nothing else may touch signal
 * dispositions, and because the order of steps is what makes it invisible.
 */
#include "analyzer/record/launcher.h"

#include "analyzer/util/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Left to the command: the terminal sends them to both of us. SIGCHLD is among
 * them because a launcher that inherited SIG_IGN could not wait. */
enum handling { IGNORE, PASS_ON, DEFAULT };

static const struct {
    int number;
    enum handling handling;
} handled[] = {
    {SIGINT, IGNORE}, {SIGQUIT, IGNORE}, {SIGTERM, PASS_ON}, {SIGHUP, PASS_ON}, {SIGCHLD, DEFAULT},
};

#define HANDLED_COUNT (sizeof(handled) / sizeof(handled[0]))

struct launch_signals {
    struct sigaction inherited[HANDLED_COUNT];
    sigset_t mask;
};

static volatile sig_atomic_t command_pid;

static void pass_on(int number)
{
    int saved = errno;

    if (command_pid > 0)
        kill(command_pid, number);
    errno = saved;
}

/* Everything is blocked meanwhile: no signal finds a half-made state, and what
 * arrives between here and exec reaches both sides. */
static void take_signals(struct launch_signals *signals)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &signals->mask);
    for (size_t i = 0; i < HANDLED_COUNT; i++) {
        struct sigaction action = {.sa_flags = SA_RESTART};
        sigaction(handled[i].number, NULL, &signals->inherited[i]);
        /* Ignored by inheritance stays ignored: nohup means both of us. */
        if (handled[i].handling == PASS_ON && signals->inherited[i].sa_handler == SIG_IGN)
            continue;
        action.sa_handler = handled[i].handling == IGNORE    ? SIG_IGN
                            : handled[i].handling == PASS_ON ? pass_on
                                                             : SIG_DFL;
        sigaction(handled[i].number, &action, NULL);
    }
}

static void give_back_signals(const struct launch_signals *signals)
{
    for (size_t i = 0; i < HANDLED_COUNT; i++)
        sigaction(handled[i].number, &signals->inherited[i], NULL);
    sigprocmask(SIG_SETMASK, &signals->mask, NULL);
}

/* The child: becomes the command, or tells why it could not. */
static void become(char *const *argv, const struct launch_signals *signals, int report)
{
    give_back_signals(signals);
    execvp(argv[0], argv);
    int reason = errno;
    while (write(report, &reason, sizeof(reason)) < 0 && errno == EINTR)
        continue;
    _exit(127);
}

/* errno of a failed exec, 0 when the pipe was closed by a successful one. */
static int read_reason(int report)
{
    int reason = 0;
    ssize_t got;

    do {
        got = read(report, &reason, sizeof(reason));
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof(reason) ? reason : 0;
}

static int fork_and_exec(struct launch *launch, char *const *argv)
{
    int report[2];

    if (pipe2(report, O_CLOEXEC) != 0)
        return errno;
    launch->pid = fork();
    if (launch->pid == 0)
        become(argv, launch->signals, report[1]);
    int reason = launch->pid < 0 ? errno : 0;
    close(report[1]);
    if (launch->pid > 0) {
        command_pid = launch->pid;
        reason = read_reason(report[0]);
    }
    close(report[0]);
    if (reason != 0 && launch->pid > 0) {
        while (waitpid(launch->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        command_pid = 0;
    }
    return reason;
}

int launch_start(struct launch *launch, char *const *argv, struct problem *problem)
{
    memset(launch, 0, sizeof(*launch));
    launch->signals = memory_alloc(sizeof(*launch->signals));
    take_signals(launch->signals);
    int reason = fork_and_exec(launch, argv);
    if (reason != 0) {
        give_back_signals(launch->signals);
        free(launch->signals);
        errno = reason;
        problem_errno(problem, "cannot run '%s'", argv[0]);
        errno = reason;
        return problem->code;
    }
    sigprocmask(SIG_SETMASK, &launch->signals->mask, NULL);
    return 0;
}

void launch_wait(struct launch *launch, void (*other)(void *context, pid_t pid), void *context)
{
    int status = 0;
    pid_t ended;

    while ((ended = waitpid(-1, &status, 0)) != launch->pid) {
        if (ended < 0 && errno != EINTR)
            break;
        if (ended > 0)
            other(context, ended);
    }
    command_pid = 0;
    launch->signalled = WIFSIGNALED(status);
    launch->status = launch->signalled ? WTERMSIG(status) : WEXITSTATUS(status);
    give_back_signals(launch->signals);
    free(launch->signals);
    launch->signals = NULL;
}
