/*
 * What the programs of known waits have in common beside the measuring: a scenario by its name, how
 * long it lasts, and its threads, which main joins. The including file defines stage().
 */
#ifndef TESTS_WAIT_STAGE_H
#define TESTS_WAIT_STAGE_H

#include "burn.h"
#include "wait_measure.h"

BURN_FUNCTION(compute)

#define STARTED 16

static double seconds = 1;
static uint64_t until_ns; /* of CLOCK_MONOTONIC: the scenario is over */
static pthread_t started[STARTED];
static int starts;

static int goes_on(void)
{
    return wait_now(CLOCK_MONOTONIC) < until_ns;
}

static pthread_t start(void *(*run)(void *), intptr_t argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, (void *)argument) != 0)
        wait_wrong("no thread");
    return thread;
}

/* `count` threads that main joins in the end; each is given its index. */
static void start_all(void *(*run)(void *), int count)
{
    for (intptr_t i = 0; i < count; i++)
        started[starts++] = start(run, i);
}

static void begin_one_of(const char *what, void *index)
{
    char name[16];
    snprintf(name, sizeof name, "%s-%d", what, (int)(intptr_t)index);
    wait_begin(name);
}

NOINLINE static void wait_for_end_of(pthread_t thread)
{
    WAITED("join", NULL, pthread_join(thread, NULL), 0);
}

/* Starts the threads of a scenario; 0 where there is none of that name. */
static int stage(const char *scenario);

int main(int argc, char **argv)
{
    seconds = argc > 2 ? atof(argv[2]) : 1;
    until_ns = wait_now(CLOCK_MONOTONIC) + (uint64_t)(seconds * 1e9);
    wait_begin("main");
    if (!stage(argc > 1 ? argv[1] : ""))
        wait_wrong("no such scenario");
    for (int i = 0; i < starts; i++)
        wait_for_end_of(started[i]);
    wait_end();
    wait_print();
    return 0;
}

#endif
