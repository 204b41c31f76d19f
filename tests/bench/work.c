/*
 * Fixed work, so that runs with and without a profiler can be compared: the same
 * rounds of the same arithmetic, whatever the clock says.
 *
 *     work split MROUNDS    4 threads, 1:2:3:4, at depth 30; prints the truth as JSON
 *     work deep MROUNDS     one thread below a recursion of 500
 *     work forks N          fork, _exit, wait:     prints nanoseconds each
 *     work execs N          fork, exec, wait:      prints nanoseconds each
 *     work threads N        create an empty thread and join it: nanoseconds each
 *     work hooks MPAIRS     malloc and free and nothing else: prints nanoseconds a pair
 *     work resident N       N busy, then idle threads beside main, each with 8 MiB
 *                           allocated and freed: prints resident KiB
 *     work nothing
 *
 * MROUNDS are millions of rounds. The truth is measured by each thread's CPU clock.
 */
#include "tests/programs/split.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SPLIT_DEPTH = 24, DEEP_DEPTH = 496 };

struct worker {
    int index, tid;
    uint64_t rounds, random, total_ns;
    uint64_t function_ns[SPLIT_FUNCTIONS];
};

/* Slices of random length, or the sampling clock could beat with them. */
static __attribute__((noinline)) void slices(struct worker *worker)
{
    uint64_t before = burn_thread_ns(), start = before;
    for (uint64_t done = 0; done < worker->rounds;) {
        int function = split_choose(worker->index, &worker->random);
        uint64_t rounds = 300000 + split_random(&worker->random) % 1200000;
        burn_sink = split_work[function](rounds);
        uint64_t after = burn_thread_ns();
        worker->function_ns[function] += after - before;
        before = after;
        done += rounds;
    }
    worker->total_ns += before - start;
}

/* The counting after the call keeps it from becoming a loop. */
static volatile int returned;
static __attribute__((noinline)) void descend(struct worker *worker, int depth)
{
    if (depth > 1)
        descend(worker, depth - 1);
    else
        slices(worker);
    returned++;
}

static void *split_thread(void *argument)
{
    struct worker *worker = argument;
    worker->tid = gettid();
    descend(worker, SPLIT_DEPTH);
    return NULL;
}

static int split(uint64_t rounds)
{
    struct worker workers[SPLIT_THREADS] = {0};
    pthread_t threads[SPLIT_THREADS];
    for (int i = 0; i < SPLIT_THREADS; i++) {
        workers[i].index = i;
        workers[i].rounds = rounds * (uint64_t)(i + 1) / 10;
        workers[i].random = split_seed(i);
        if (pthread_create(&threads[i], NULL, split_thread, &workers[i]) != 0)
            return 1;
    }
    for (int i = 0; i < SPLIT_THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("[");
    for (int i = 0; i < SPLIT_THREADS; i++) {
        printf("%s{\"tid\":%d,\"total_ns\":%llu", i ? "," : "", workers[i].tid,
               (unsigned long long)workers[i].total_ns);
        for (int f = 0; f < SPLIT_FUNCTIONS; f++)
            printf(",\"work_%c\":%llu", 'a' + f, (unsigned long long)workers[i].function_ns[f]);
        printf("}");
    }
    printf("]\n");
    return 0;
}

static int deep(uint64_t rounds)
{
    struct worker worker = {.rounds = rounds, .random = split_seed(0)};
    descend(&worker, DEEP_DEPTH);
    return 0;
}

static int forks(long count, const char *self)
{
    uint64_t start = burn_clock_ns(CLOCK_MONOTONIC);
    for (long i = 0; i < count; i++) {
        pid_t child = fork();
        if (child == 0) {
            if (self)
                execl(self, self, "nothing", (char *)NULL);
            _exit(0);
        }
        if (child < 0 || waitpid(child, NULL, 0) != child)
            return 1;
    }
    printf("%.0f\n", (double)(burn_clock_ns(CLOCK_MONOTONIC) - start) / (double)count);
    return 0;
}

static int hooks(uint64_t count)
{
    uint64_t start = burn_thread_ns();
    for (uint64_t i = 0; i < count; i++) {
        void *volatile block = malloc(24 + i % 64);
        free(block);
    }
    printf("%.3f\n", (double)(burn_thread_ns() - start) / (double)count);
    return 0;
}

static void *end_at_once(void *argument)
{
    return argument;
}

static int threads(long count)
{
    uint64_t start = burn_clock_ns(CLOCK_MONOTONIC);
    for (long i = 0; i < count; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, end_at_once, NULL) != 0)
            return 1;
        pthread_join(thread, NULL);
    }
    printf("%.0f\n", (double)(burn_clock_ns(CLOCK_MONOTONIC) - start) / (double)count);
    return 0;
}

static long resident_kib(void)
{
    char line[256];
    long kib = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    if (status)
        fclose(status);
    return kib;
}

BURN_FUNCTION(burn_a_little)

static void allocate_a_little(void)
{
    for (int i = 0; i < 8192; i++) {
        void *volatile block = malloc(1000);
        free(block);
    }
}

/* Long enough on the CPU to be sampled, then there until the process ends. */
static pthread_barrier_t all_sampled;
static void *be_sampled(void *argument)
{
    burn_a_little(0.02);
    allocate_a_little();
    pthread_barrier_wait(&all_sampled);
    pause();
    return argument;
}

static int resident(long count)
{
    pthread_barrier_init(&all_sampled, NULL, (unsigned)count + 1);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 256 << 10);
    for (long i = 0; i < count; i++) {
        pthread_t thread;
        if (pthread_create(&thread, &attr, be_sampled, NULL) != 0)
            return 1;
    }
    burn_a_little(0.1);
    allocate_a_little();
    pthread_barrier_wait(&all_sampled);
    printf("%ld\n", resident_kib());
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    long count = argc > 2 ? atol(argv[2]) : 0;
    if (strcmp(what, "split") == 0)
        return split((uint64_t)count * 1000000);
    if (strcmp(what, "deep") == 0)
        return deep((uint64_t)count * 1000000);
    if (strcmp(what, "forks") == 0)
        return forks(count, NULL);
    if (strcmp(what, "execs") == 0)
        return forks(count, "/proc/self/exe");
    if (strcmp(what, "threads") == 0)
        return threads(count);
    if (strcmp(what, "hooks") == 0)
        return hooks((uint64_t)count * 1000000);
    if (strcmp(what, "resident") == 0)
        return resident(count);
    return strcmp(what, "nothing") != 0;
}
