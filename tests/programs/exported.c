/*
 * Something of everything that exports hold: a function inlined into its caller, recursion, direct
 * and by turns, a thread whose name is hostile, a region, waits for a lock, memory kept and given back.
 *
 *     exported SECONDS [SECRET]
 *
 * Burns SECONDS four times: in inlined_work() below host(), at the bottom of again(), of
 * even() and odd(), and in the thread. Keeps 64 blocks of 16 KiB.
 */
#include "../../preload/profinject.h"

#include "burn.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCKS 64
#define BLOCK_SIZE (16u << 10)
#define DEPTH 5

BURN_FUNCTION(burn_again)
BURN_FUNCTION(burn_by_turns)
BURN_FUNCTION(burn_apart)

static volatile int returned;       /* counting after calls keeps them from becoming jumps */
static void *volatile kept[BLOCKS]; /* or the compiler leaves allocations out */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static inline __attribute__((always_inline)) void inlined_work(double seconds)
{
    const uint64_t end = burn_thread_ns() + (uint64_t)(seconds * 1e9);

    do {
        uint64_t value = burn_sink | 1;
        for (int i = 0; i < 60000; i++)
            value = value * 6364136223846793005u + (value >> 29);
        burn_sink = value;
    } while (burn_thread_ns() < end);
}

static __attribute__((noinline)) void host(double seconds)
{
    inlined_work(seconds);
    returned++;
}

static __attribute__((noinline)) void again(int depth, double seconds)
{
    if (depth > 1)
        again(depth - 1, seconds);
    else
        burn_again(seconds);
    returned++;
}

static __attribute__((noinline)) void odd(int depth, double seconds);

static __attribute__((noinline)) void even(int depth, double seconds)
{
    if (depth > 1)
        odd(depth - 1, seconds);
    else
        burn_by_turns(seconds);
    returned++;
}

static __attribute__((noinline)) void odd(int depth, double seconds)
{
    even(depth - 1, seconds);
    returned++;
}

static void *work(void *seconds)
{
    pthread_setname_np(pthread_self(), "<b>;&\"\\\xff\n");
    burn_apart(*(double *)seconds);
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static __attribute__((noinline)) void keep(void)
{
    for (int i = 0; i < BLOCKS; i++) {
        kept[i] = malloc(BLOCK_SIZE);
        free(kept[i]);
        kept[i] = malloc(BLOCK_SIZE);
    }
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 0.1;
    pthread_t thread;

    pthread_mutex_lock(&lock);
    pthread_create(&thread, NULL, work, &seconds);
    keep();
    if (profinject_region_push)
        profinject_region_push("hosting");
    host(seconds);
    if (profinject_region_pop)
        profinject_region_pop();
    again(DEPTH, seconds);
    even(2 * DEPTH + 1, seconds);
    usleep(20000);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
    return 0;
}
