/*
 * Says of itself what it does: regions with a known split of CPU time, and counters.
 * Without the library it does the same work and says nothing.
 *
 *     regions SECONDS [THREADS]
 *
 * Each thread burns SECONDS: a quarter in load, a half in request/parse (in ten calls),
 * a quarter in request itself. The main thread then forks a child inside request,
 * which burns half of SECONDS there.
 */
#include "../../preload/profinject.h"

#include "burn.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

BURN_FUNCTION(burn_load)
BURN_FUNCTION(burn_parse)
BURN_FUNCTION(burn_request)
BURN_FUNCTION(burn_child)

static void push(const char *name)
{
    if (profinject_region_push)
        profinject_region_push(name);
}

static void pop(void)
{
    if (profinject_region_pop)
        profinject_region_pop();
}

static void count(const char *name, int64_t delta)
{
    if (profinject_counter)
        profinject_counter(name, delta);
}

static void *work(void *argument)
{
    double seconds = *(double *)argument;

    push("load");
    burn_load(seconds / 4);
    count("bytes", 4096);
    pop();
    push("request");
    for (int i = 0; i < 10; i++) {
        push("parse");
        burn_parse(seconds / 20);
        count("bytes", 1000);
        count("calls", 1);
        pop();
    }
    burn_request(seconds / 4);
    count("balance", -7);
    return NULL; /* a thread that ends leaves its regions */
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    int threads = argc > 2 ? atoi(argv[2]) : 1;
    pthread_t ids[16];

    for (int i = 1; i < threads && i < 16; i++)
        pthread_create(&ids[i], NULL, work, &seconds);
    work(&seconds);
    pid_t child = fork();
    if (child == 0) {
        burn_child(seconds / 2);
        pop();
        _exit(0);
    }
    waitpid(child, NULL, 0);
    for (int i = 1; i < threads && i < 16; i++)
        pthread_join(ids[i], NULL);
    pop();
    pop(); /* one too many */
    return 0;
}
