/*
 * left_by_handler COUNT: that many threads, one after the other, each of which ends by the system
 * call in a handler, wherever that finds it: while it starts, or while it waits for it.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static void leave(int number)
{
    (void)number;
    syscall(SYS_exit, 0);
}

static void *wait_for_it(void *unused)
{
    for (;;)
        pause();
    return unused;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 3000;
    const struct itimerval often = {{0, 60}, {0, 60}};
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t alarms;

    signal(SIGALRM, leave);
    sigemptyset(&alarms);
    pthread_attr_init(&attributes);
    pthread_attr_setsigmask_np(&attributes, &alarms); /* none in the threads, */
    sigaddset(&alarms, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarms, NULL); /* but here */
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < count; i++) {
        if (pthread_create(&thread, &attributes, wait_for_it, NULL) != 0)
            return 1;
        pthread_join(thread, NULL);
    }
    printf("%d threads\n", count);
    return 0;
}
