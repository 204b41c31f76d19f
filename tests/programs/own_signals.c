/*
 * Uses SIGPROF and signal masks for itself in every way there is, burning CPU time in
 * between, and says what came of it: the same with a profiler as without.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "burn.h"

BURN_FUNCTION(burn_masked)

static volatile sig_atomic_t handled;

static void count(int signal)
{
    (void)signal;
    handled++;
}

static void say_action(const char *when)
{
    struct sigaction action;

    sigaction(SIGPROF, NULL, &action);
    printf("%s: %s\n", when,
           action.sa_handler == SIG_DFL   ? "default"
           : action.sa_handler == SIG_IGN ? "ignored"
                                          : "handled");
}

static void own_timer(void)
{
    struct itimerval every = {{0, 10000}, {0, 10000}}, off = {{0, 0}, {0, 0}}, was;

    say_action("first");
    signal(SIGPROF, count);
    say_action("then");
    setitimer(ITIMER_PROF, &every, NULL);
    burn_masked(0.3);
    setitimer(ITIMER_PROF, &off, &was);
    printf("timer: %s, interval %ld\n", handled >= 10 && handled <= 40 ? "handled" : "wrong",
           (long)was.it_interval.tv_usec);
    handled = 0;
    raise(SIGPROF);
    printf("raised: %d\n", (int)handled);
    signal(SIGPROF, SIG_IGN);
    raise(SIGPROF);
    burn_masked(0.1);
    say_action("at last");
}

static void masked(void)
{
    sigset_t all, pending;
    siginfo_t info;
    struct timespec none = {0, 0};
    struct signalfd_siginfo read_info;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    burn_masked(0.3);
    sigpending(&pending);
    int any = 0;
    for (int number = 1; number <= SIGRTMAX; number++)
        any += sigismember(&pending, number) == 1;
    printf("pending: %d\n", any);
    printf("waited for: %d", sigtimedwait(&all, &info, &none));
    printf(", %s\n", strerror(errno));
    int fd = signalfd(-1, &all, SFD_NONBLOCK);
    burn_masked(0.1);
    printf("read: %zd\n", read(fd, &read_info, sizeof read_info));
    raise(SIGUSR1);
    printf("read: %zd", read(fd, &read_info, sizeof read_info));
    printf(", signal %u\n", read_info.ssi_signo);
    raise(SIGUSR2);
    int number = 0;
    sigwait(&all, &number);
    printf("waited for: %d\n", number);
}

static void *all_masked(void *unused)
{
    masked();
    return unused;
}

static void *spin_on(void *unused)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    for (;;)
        burn_masked(0.001);
    return unused;
}

static void on_timer(union sigval value)
{
    (void)value;
    handled++;
}

/* What glibc uses the same signal for. */
static void glibcs_own(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_timer};
    struct itimerspec soon = {.it_value = {0, 1000000}};
    pthread_t thread;
    timer_t timer;
    void *result;

    for (int i = 0; i < 3; i++) {
        pthread_create(&thread, NULL, spin_on, NULL);
        burn_masked(0.02);
        pthread_cancel(thread);
        pthread_join(thread, &result);
        printf("cancelled: %d\n", result == PTHREAD_CANCELED);
    }
    handled = 0;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &soon, NULL);
    while (!handled)
        usleep(1000);
    printf("timer thread: %d\n", (int)handled);
}

int main(void)
{
    pthread_t thread;

    own_timer();
    glibcs_own();
    pthread_create(&thread, NULL, all_masked, NULL);
    pthread_join(thread, NULL);
    masked();
    return 0;
}
