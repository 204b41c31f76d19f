/* Leaves main by pthread_exit while a thread works on; says what errno was when
 * main began, and what a SIGPROF handler of its own was called for. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "burn.h"

BURN_FUNCTION(burn_here)

static volatile sig_atomic_t handled;

static void count(int signal)
{
    (void)signal;
    handled++;
}

static void *work_on(void *unused)
{
    burn_here(0.5);
    raise(SIGPROF);
    printf("handled %d\n", (int)handled);
    return unused;
}

int main(void)
{
    pthread_t thread;

    printf("errno %d\n", errno);
    signal(SIGPROF, count);
    if (pthread_create(&thread, NULL, work_on, NULL) != 0)
        return 1;
    pthread_exit(NULL);
}
