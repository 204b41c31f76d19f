/*
 * Known answer for CPU time: four threads spend known, different shares of their
 * time in work_a .. work_d, below a chain of 26 distinct functions.
 *
 *     cpu_split SECONDS [alloc]
 *
 * SECONDS of CPU time are split 1:2:3:4 over the threads. The functions alternate
 * in slices of random length, or the sampling clock could beat with them; the
 * program measures every slice by its thread's CPU clock and prints the truth as
 * JSON. With `alloc` every slice also allocates and frees.
 */
#include "split.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct worker {
    int index, tid;
    uint64_t budget_ns, total_ns;
    uint64_t function_ns[SPLIT_FUNCTIONS];
    uint64_t random;
};

static uint64_t rounds_per_ms;
static int allocates;

static void allocate(struct worker *worker)
{
    void *volatile blocks[8];
    for (int i = 0; i < 8; i++)
        blocks[i] = malloc(16 + split_random(&worker->random) % 4000);
    for (int i = 0; i < 8; i++)
        free(blocks[i]);
}

/* Slices of 0.5 to 2.5 ms until the budget is used up. */
static __attribute__((noinline)) void slices(struct worker *worker)
{
    uint64_t start = burn_thread_ns(), before = start;
    while (before - start < worker->budget_ns) {
        int function = split_choose(worker->index, &worker->random);
        uint64_t rounds = rounds_per_ms * (500 + split_random(&worker->random) % 2000) / 1000;
        burn_sink = split_work[function](rounds);
        uint64_t after = burn_thread_ns();
        worker->function_ns[function] += after - before;
        before = after;
        if (allocates)
            allocate(worker);
    }
    worker->total_ns = before - start;
}

/* The counting after the call keeps these from being tail calls. */
static volatile int depth_seen;
#define LEVEL(name, callee)                                           \
    static __attribute__((noinline)) void name(struct worker *worker) \
    {                                                                 \
        callee(worker);                                               \
        depth_seen++;                                                 \
    }
LEVEL(level_a, slices)
LEVEL(level_b, level_a)
LEVEL(level_c, level_b)
LEVEL(level_d, level_c)
LEVEL(level_e, level_d)
LEVEL(level_f, level_e)
LEVEL(level_g, level_f)
LEVEL(level_h, level_g)
LEVEL(level_i, level_h)
LEVEL(level_j, level_i)
LEVEL(level_k, level_j)
LEVEL(level_l, level_k)
LEVEL(level_m, level_l)
LEVEL(level_n, level_m)
LEVEL(level_o, level_n)
LEVEL(level_p, level_o)
LEVEL(level_q, level_p)
LEVEL(level_r, level_q)
LEVEL(level_s, level_r)
LEVEL(level_t, level_s)
LEVEL(level_u, level_t)
LEVEL(level_v, level_u)
LEVEL(level_w, level_v)
LEVEL(level_x, level_w)
LEVEL(level_y, level_x)
LEVEL(level_z, level_y)

static void *run(void *argument)
{
    struct worker *worker = argument;
    char name[16];
    snprintf(name, sizeof name, "split-%d", worker->index);
    pthread_setname_np(pthread_self(), name);
    worker->tid = gettid();
    level_z(worker);
    return NULL;
}

static void calibrate(void)
{
    uint64_t rounds = 100000, took;
    do {
        rounds *= 2;
        uint64_t start = burn_thread_ns();
        burn_sink = work_a(rounds);
        took = burn_thread_ns() - start;
    } while (took < 5000000);
    rounds_per_ms = rounds * 1000000 / took;
}

static void print_worker(const struct worker *worker)
{
    printf("%s{\"tid\":%d,\"name\":\"split-%d\",\"total_ns\":%llu,\"functions\":{",
           worker->index ? "," : "", worker->tid, worker->index,
           (unsigned long long)worker->total_ns);
    for (int i = 0; i < SPLIT_FUNCTIONS; i++)
        printf("%s\"work_%c\":%llu", i ? "," : "", 'a' + i,
               (unsigned long long)worker->function_ns[i]);
    printf("}}");
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    allocates = argc > 2 && strcmp(argv[2], "alloc") == 0;
    calibrate();

    struct worker workers[SPLIT_THREADS] = {0};
    pthread_t threads[SPLIT_THREADS];
    for (int i = 0; i < SPLIT_THREADS; i++) {
        workers[i].index = i;
        workers[i].budget_ns = (uint64_t)(seconds * 1e8 * (i + 1));
        workers[i].random = split_seed(i) ^ (uint64_t)getpid();
        if (pthread_create(&threads[i], NULL, run, &workers[i]) != 0)
            return 1;
    }
    for (int i = 0; i < SPLIT_THREADS; i++)
        pthread_join(threads[i], NULL);

    printf("{\"threads\":[");
    for (int i = 0; i < SPLIT_THREADS; i++)
        print_worker(&workers[i]);
    printf("]}\n");
    return 0;
}
