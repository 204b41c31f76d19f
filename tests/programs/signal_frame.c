/*
 * Burns CPU in a signal handler on top of a function that burns CPU as well, and
 * prints how many nanoseconds each of the two took, as JSON.
 *
 *     signal_frame SECONDS [altstack]
 */
#include "burn.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

BURN_FUNCTION(in_handler)
BURN_FUNCTION(compute)

static volatile uint64_t handler_ns;

static void on_alarm(int signal)
{
    (void)signal;
    uint64_t start = burn_thread_ns();
    in_handler(0.01);
    handler_ns += burn_thread_ns() - start;
}

/* Sets the timer itself: who loses the processor between the two calls would be interrupted outside. */
static __attribute__((noinline)) void interrupted(double seconds, int after_us)
{
    struct itimerval soon = {.it_value = {.tv_usec = after_us}};
    setitimer(ITIMER_REAL, &soon, NULL);
    compute(seconds);
    burn_sink++; /* it is there until the end */
}

int main(int argc, char **argv)
{
    static char stack[64 * 1024];
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    if (argc > 2 && strcmp(argv[2], "altstack") == 0) {
        stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
        sigaltstack(&alternate, NULL);
        action.sa_flags |= SA_ONSTACK;
    }
    sigaction(SIGALRM, &action, NULL);
    /* By CPU time, but for the last moment: on a busy machine as elsewhere there is as much
     * of the one as of the other, and no beat with anyone's tick. */
    unsigned seed = 1;
    uint64_t start = burn_thread_ns();
    uint64_t end = start + (uint64_t)((argc > 1 ? atof(argv[1]) : 1) * 1e9);
    while (burn_thread_ns() < end) {
        int after_us = 500 + rand_r(&seed) % 4500;
        interrupted(0.015 + rand_r(&seed) % 10000 * 1e-6, after_us);
    }
    uint64_t total = burn_thread_ns() - start;
    printf("{\"total_ns\":%llu,\"handler_ns\":%llu}\n", (unsigned long long)total,
           (unsigned long long)handler_ns);
    return 0;
}
