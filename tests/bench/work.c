/*
 * Fixed work, so that runs with and without a profiler can be compared: the same
 * rounds of the same arithmetic, whatever the clock says.
 *
 *     work split MROUNDS    4 threads, 1:2:3:4, at depth 30; prints the truth as JSON
 *     work deep MROUNDS     one thread below a recursion of 500
 *     work forks N          fork, _exit, wait:     prints nanoseconds each
 *     work execs N          fork, exec, wait:      prints nanoseconds each
 *     work threads N        create an empty thread and join it: nanoseconds each
 *     work resident N       N busy, then idle threads beside main: prints resident KiB
 *     work nothing
 *
 * MROUNDS are millions of rounds. The truth is measured by each thread's CPU clock.
 */
#include "tests/programs/burn.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4, FUNCTIONS = 4, SPLIT_DEPTH = 24, DEEP_DEPTH = 496 };

struct worker {
    int index, tid;
    uint64_t rounds, random, total_ns;
    uint64_t function_ns[FUNCTIONS];
};

static const int shares[THREADS][FUNCTIONS] = {
    {50, 25, 15, 10},
    {10, 20, 30, 40},
    {10, 60, 10, 20},
    {25, 15, 50, 10},
};

#define WORK(name, factor, shift)                                   \
    static __attribute__((noinline)) uint64_t name(uint64_t rounds) \
    {                                                               \
        uint64_t value = rounds | 1;                                \
        for (uint64_t i = 0; i < rounds; i++)                       \
            value = value * factor + (value >> shift);              \
        return value;                                               \
    }
WORK(work_a, 6364136223846793005u, 29)
WORK(work_b, 2862933555777941757u, 31)
WORK(work_c, 3202034522624059733u, 27)
WORK(work_d, 3935559000370003845u, 33)

static uint64_t (*const work[FUNCTIONS])(uint64_t) = {work_a, work_b, work_c, work_d};

static uint64_t next_random(struct worker *worker)
{
    worker->random ^= worker->random << 13;
    worker->random ^= worker->random >> 7;
    worker->random ^= worker->random << 17;
    return worker->random >> 11;
}

/* Slices of random length, or the sampling clock could beat with them. */
static __attribute__((noinline)) void slices(struct worker *worker)
{
    uint64_t before = burn_thread_ns(), start = before;
    for (uint64_t done = 0; done < worker->rounds;) {
        int dice = (int)(next_random(worker) % 100), function = 0;
        while (dice >= shares[worker->index][function])
            dice -= shares[worker->index][function++];
        uint64_t rounds = 300000 + next_random(worker) % 1200000;
        burn_sink = work[function](rounds);
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
    struct worker workers[THREADS] = {0};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        workers[i].index = i;
        workers[i].rounds = rounds * (uint64_t)(i + 1) / 10;
        workers[i].random = 0x9E3779B97F4A7C15u * (uint64_t)(i + 1);
        if (pthread_create(&threads[i], NULL, split_thread, &workers[i]) != 0)
            return 1;
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("[");
    for (int i = 0; i < THREADS; i++) {
        printf("%s{\"tid\":%d,\"total_ns\":%llu", i ? "," : "", workers[i].tid,
               (unsigned long long)workers[i].total_ns);
        for (int f = 0; f < FUNCTIONS; f++)
            printf(",\"work_%c\":%llu", 'a' + f, (unsigned long long)workers[i].function_ns[f]);
        printf("}");
    }
    printf("]\n");
    return 0;
}

static int deep(uint64_t rounds)
{
    struct worker worker = {.rounds = rounds, .random = 0x9E3779B97F4A7C15u};
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

/* Long enough on the CPU to be sampled, then there until the process ends. */
static pthread_barrier_t all_sampled;
static void *be_sampled(void *argument)
{
    burn_a_little(0.02);
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
    if (strcmp(what, "resident") == 0)
        return resident(count);
    return strcmp(what, "nothing") != 0;
}
