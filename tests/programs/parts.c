/*
 * Functions of known names that run one after the other, each where a filter of the reading
 * commands finds it alone: parts SECONDS. main() burns SECONDS in early(), thread "worker"
 * inside region "load" in loader() and as much in twist(), inlined into it; main() again in
 * deep_leaf() below nine calls of descend(), a fork child named "offspring" in in_child(), and main() in
 * late(). Prints when late() began, in seconds since the program was there.
 */
#include "../../preload/profinject.h"

#include "burn.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

BURN_FUNCTION(early)
BURN_FUNCTION(deep_leaf)
BURN_FUNCTION(in_child)
BURN_FUNCTION(late)

static double seconds;

static inline __attribute__((always_inline)) void twist(void)
{
    uint64_t end = burn_thread_ns() + (uint64_t)(seconds * 1e9);

    while (burn_thread_ns() < end)
        for (int i = 0; i < 60000; i++)
            burn_sink = burn_sink * 6364136223846793005u + (burn_sink >> 29);
}

__attribute__((noinline)) static void loader(void)
{
    uint64_t end = burn_thread_ns() + (uint64_t)(seconds * 1e9);

    while (burn_thread_ns() < end)
        for (int i = 0; i < 60000; i++)
            burn_sink = burn_sink * 2862933555777941757u + (burn_sink >> 31);
    twist();
}

static void *work(void *nothing)
{
    if (profinject_region_push)
        profinject_region_push("load");
    loader();
    if (profinject_region_pop)
        profinject_region_pop();
    return nothing;
}

static volatile int returned;

__attribute__((noipa)) void descend(int calls)
{
    if (calls > 1)
        descend(calls - 1);
    else
        deep_leaf(seconds);
    returned++;
}

int main(int argc, char **argv)
{
    double start = (double)burn_clock_ns(CLOCK_MONOTONIC);
    pthread_t thread;

    seconds = argc > 1 ? atof(argv[1]) : 0.1;
    early(seconds);
    pthread_create(&thread, NULL, work, NULL);
    pthread_setname_np(thread, "worker");
    pthread_join(thread, NULL);
    descend(9);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_NAME, "offspring");
        in_child(seconds);
        return 0;
    }
    waitpid(pid, NULL, 0);
    printf("%.3f\n", ((double)burn_clock_ns(CLOCK_MONOTONIC) - start) / 1e9);
    late(seconds);
    return 0;
}
