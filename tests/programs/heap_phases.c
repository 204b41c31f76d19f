/*
 * Allocates in phases and prints when each began: PHASE nanoseconds of CLOCK_MONOTONIC.
 * All blocks are so large that samples 1 KiB apart meet every one.
 *
 *   first   keep_first  20 blocks of 50000 bytes, kept
 *           pass        20 blocks of 100000, freed in the last phase
 *   second  keep_second 30 blocks of 40000, kept
 *           churn       100 blocks of 30000, each freed at once
 *   third   vector      one block, 32 KiB doubled by realloc to 4 MiB, kept
 *           other       another thread: 10 blocks of 70000, kept
 *   leak    leak        40 blocks of 25000, one in 5 ms, kept
 *   last    pass's blocks freed, keep_last 10 blocks of 60000, kept
 *   end
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))
#define PASSED 20

static char *volatile kept;
static char *passed[PASSED];

static void phase(const char *name)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%s %lld\n", name, now.tv_sec * 1000000000LL + now.tv_nsec);
    usleep(2000);
}

#define KEEP(name)                                    \
    NOINLINE static void name(int count, size_t size) \
    {                                                 \
        for (int i = 0; i < count; i++) {             \
            kept = malloc(size);                      \
            kept[0] = 1;                              \
        }                                             \
    }

KEEP(keep_first)
KEEP(keep_second)
KEEP(keep_last)
KEEP(other)

NOINLINE static void pass(void)
{
    for (int i = 0; i < PASSED; i++) {
        passed[i] = malloc(100000);
        passed[i][0] = 1;
    }
}

NOINLINE static void churn(void)
{
    for (int i = 0; i < 100; i++) {
        kept = malloc(30000);
        kept[0] = 1;
        free(kept);
    }
}

NOINLINE static char *vector(void)
{
    char *block = malloc(32768);
    for (size_t size = 65536; size <= 4u << 20; size *= 2) {
        block = realloc(block, size);
        block[size - 1] = 1;
    }
    return block;
}

NOINLINE static void leak(void)
{
    for (int i = 0; i < 40; i++) {
        kept = malloc(25000);
        kept[0] = 1;
        usleep(5000);
    }
}

static void *run_other(void *unused)
{
    (void)unused;
    pthread_setname_np(pthread_self(), "other");
    other(10, 70000);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    static char text[4096];

    setvbuf(stdout, text, _IOFBF, sizeof text);
    phase("first");
    keep_first(20, 50000);
    pass();
    phase("second");
    keep_second(30, 40000);
    churn();
    phase("third");
    kept = vector();
    if (pthread_create(&thread, NULL, run_other, NULL) != 0)
        return 1;
    pthread_join(thread, NULL);
    phase("leak");
    leak();
    phase("last");
    for (int i = 0; i < PASSED; i++)
        free(passed[i]);
    keep_last(10, 60000);
    phase("end");
    return 0;
}
