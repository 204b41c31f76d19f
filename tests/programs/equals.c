/*
 * COUNT threads that each burn SECONDS of CPU time, all at once. Prints one line per
 * thread: tid, and the nanoseconds of its CPU clock that its work took.
 *
 *     equals COUNT SECONDS
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "burn.h"

BURN_FUNCTION(burn_equal)

struct worker {
    pthread_t thread;
    int tid;
    double seconds;
    uint64_t took_ns;
};

static void *run(void *argument)
{
    struct worker *worker = argument;
    uint64_t begin = burn_thread_ns();
    worker->tid = (int)syscall(SYS_gettid);
    burn_equal(worker->seconds);
    worker->took_ns = burn_thread_ns() - begin;
    return NULL;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 4;
    double seconds = argc > 2 ? atof(argv[2]) : 1;
    struct worker *workers = calloc((size_t)count, sizeof *workers);
    for (int i = 0; i < count; i++) {
        workers[i].seconds = seconds;
        if (pthread_create(&workers[i].thread, NULL, run, &workers[i]) != 0)
            return 1;
    }
    for (int i = 0; i < count; i++)
        pthread_join(workers[i].thread, NULL);
    for (int i = 0; i < count; i++)
        printf("%d %llu\n", workers[i].tid, (unsigned long long)workers[i].took_ns);
    free(workers);
    return 0;
}
