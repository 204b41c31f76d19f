/*
 * COUNT threads that each burn SECONDS of CPU time, all at once. Prints one line per
 * thread: tid, the nanoseconds of its CPU clock that its work took, and how many of them
 * the machine withheld though that clock went on (a virtual processor that stood still):
 * in whole periods of PERIOD_NS, since who fires once a period loses as much.
 *
 *     equals COUNT SECONDS [PERIOD_NS]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "burn.h"

struct worker {
    pthread_t thread;
    int tid;
    double seconds;
    uint64_t period_ns;
    uint64_t took_ns, withheld_ns;
};

/* As BURN_FUNCTION, with about 50 us between looks: who needs a period for one did not run. */
static __attribute__((noinline)) void burn_equal(struct worker *worker)
{
    uint64_t begin = burn_thread_ns(), end = begin + (uint64_t)(worker->seconds * 1e9);
    for (uint64_t before = begin, now; before < end; before = now) {
        uint64_t value = burn_sink | 1;
        for (int i = 0; i < 30000; i++)
            value = value * 6364136223846793005u + (value >> 29);
        burn_sink = value;
        now = burn_thread_ns();
        worker->withheld_ns += (now - before) / worker->period_ns * worker->period_ns;
    }
    worker->took_ns = burn_thread_ns() - begin;
}

static void *run(void *argument)
{
    struct worker *worker = argument;
    worker->tid = (int)syscall(SYS_gettid);
    burn_equal(worker);
    return NULL;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 4;
    double seconds = argc > 2 ? atof(argv[2]) : 1;
    struct worker *workers = calloc((size_t)count, sizeof *workers);
    for (int i = 0; i < count; i++) {
        workers[i].seconds = seconds;
        workers[i].period_ns = argc > 3 ? strtoull(argv[3], NULL, 10) : UINT64_MAX;
        if (pthread_create(&workers[i].thread, NULL, run, &workers[i]) != 0)
            return 1;
    }
    for (int i = 0; i < count; i++)
        pthread_join(workers[i].thread, NULL);
    for (int i = 0; i < count; i++)
        printf("%d %llu %llu\n", workers[i].tid, (unsigned long long)workers[i].took_ns,
               (unsigned long long)workers[i].withheld_ns);
    free(workers);
    return 0;
}
