/*
 * Waits that do not end as others do, of 60 ms each:
 *
 *     wait_left cancelled|asynchronous|left|within|forked
 *
 * cancelled: the thread is cancelled in read(), its cleanup handlers run. asynchronous: likewise, in
 * pause(), at any instruction. left: a handler leaves pause() by longjmp(), then the thread computes.
 * within: a handler sleeps for 30 ms of 60. forked: a child does nothing but sleep.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LENGTH_NS 60000000l

static sigjmp_buf back;
static int ends[2];
static volatile int cleaned, asynchronous;
static volatile unsigned work;

static void pass(long ns)
{
    struct timespec time = {.tv_nsec = ns};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time) == EINTR)
        ;
}

static void note_cleanup(void *unused)
{
    (void)unused;
    cleaned = 1;
}

static void *wait_for_ever(void *unused)
{
    char byte;
    pthread_cleanup_push(note_cleanup, NULL);
    if (asynchronous) {
        pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
        pause();
    } else if (read(ends[0], &byte, 1) == 1) {
        return unused;
    }
    pthread_cleanup_pop(0);
    return unused;
}

static int cancel(void)
{
    pthread_t thread;
    void *value = NULL;
    if (pipe(ends) != 0 || pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
        return 1;
    pass(LENGTH_NS);
    pthread_cancel(thread);
    pthread_join(thread, &value);
    return !cleaned || value != PTHREAD_CANCELED;
}

static void leave(int signal)
{
    (void)signal;
    siglongjmp(back, 1);
}

static void sleep_within(int signal)
{
    (void)signal;
    pass(LENGTH_NS / 2);
}

static void at_end_of(long ns, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec time = {.it_value.tv_nsec = ns};
    timer_t timer;
    sigaction(SIGUSR1, &action, NULL);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &time, NULL);
}

static __attribute__((noinline)) void compute(void)
{
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do {
        for (int i = 0; i < 10000; i++)
            work += (unsigned)i;
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - begin.tv_sec) * 1000000000l + now.tv_nsec - begin.tv_nsec < LENGTH_NS);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    asynchronous = strcmp(how, "asynchronous") == 0;
    if (asynchronous || strcmp(how, "cancelled") == 0)
        return cancel();
    if (strcmp(how, "left") == 0) {
        at_end_of(LENGTH_NS, leave);
        if (sigsetjmp(back, 1) == 0)
            pause();
        compute();
    } else if (strcmp(how, "within") == 0) {
        at_end_of(LENGTH_NS / 2, sleep_within);
        pause();
    } else if (strcmp(how, "forked") == 0) {
        int status = 1;
        pid_t child = fork();
        if (child == 0) {
            pass(LENGTH_NS);
            _exit(0);
        }
        return waitpid(child, &status, 0) != child || status != 0;
    } else {
        return 2;
    }
    return 0;
}
