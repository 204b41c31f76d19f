/*
 * Two processes that take turns by signals, TURNS times in each way there is to wait for one
 * without missing it: the signal is blocked but in the call. Prints a line for each way; who
 * misses one is ended by SIGALRM.
 *
 *     signal_turns TURNS
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t ours; /* the turn */
static int set;                    /* of epoll; nothing is in it */

static void take(int signal)
{
    (void)signal;
    ours = 1;
}

static void suspend(const sigset_t *mask)
{
    sigsuspend(mask);
}

static void poll_nothing(const sigset_t *mask)
{
    ppoll(NULL, 0, NULL, mask);
}

static void select_nothing(const sigset_t *mask)
{
    pselect(0, NULL, NULL, NULL, NULL, mask);
}

static void wait_for_events(const sigset_t *mask)
{
    struct epoll_event event;
    epoll_pwait(set, &event, 1, -1, mask);
}

static const struct {
    const char *name;
    void (*wait)(const sigset_t *mask);
} ways[] = {{"sigsuspend", suspend},
            {"ppoll", poll_nothing},
            {"pselect", select_nothing},
            {"epoll_pwait", wait_for_events}};

static void turn(void (*wait)(const sigset_t *), const sigset_t *mask)
{
    while (!ours)
        wait(mask);
    ours = 0;
}

/* By a signal below the profiler's, and one above it: the kernel takes the lowest first. */
static void take_turns(size_t way, int signal, int turns)
{
    sigset_t mask, one;
    struct sigaction action = {.sa_handler = take};
    pid_t parent = getpid();
    sigaction(signal, &action, NULL);
    sigemptyset(&one);
    sigaddset(&one, signal);
    sigprocmask(SIG_BLOCK, &one, &mask);
    sigdelset(&mask, signal);
    pid_t child = fork();
    alarm(100); /* only who hangs takes so long, however busy the machine is */
    for (int i = 0; i < turns; i++) {
        if (child)
            kill(child, signal);
        turn(ways[way].wait, &mask);
        if (!child)
            kill(parent, signal);
    }
    if (!child)
        _exit(0);
    int status;
    waitpid(child, &status, 0);
    printf("%s, signal %d: %d turns\n", ways[way].name, signal, turns);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int turns = argc > 1 ? atoi(argv[1]) : 1000;
    set = epoll_create1(EPOLL_CLOEXEC);
    for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
        take_turns(way, SIGUSR1, turns);
        take_turns(way, SIGRTMIN + 6, turns);
    }
    return 0;
}
