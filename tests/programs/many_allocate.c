/*
 * many_allocate THREADS SECONDS: that many threads allocate and free as fast as they can,
 * half of the blocks freed by another thread than made them. All is freed in the end.
 */
#include "burn.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHELVES 4096

static _Atomic(char *) shelves[SHELVES];
static uint64_t end_ns;
static atomic_ulong wrong;

/* Each block holds its own size's low byte, at both ends. */
static void check_and_free(char *block)
{
    if (block && block[0] != block[1])
        wrong++;
    free(block);
}

static void *run(void *argument)
{
    unsigned seed = (unsigned)(size_t)argument;
    while (burn_clock_ns(CLOCK_MONOTONIC) < end_ns)
        for (int i = 0; i < 1000; i++) {
            size_t size = 2 + (unsigned)rand_r(&seed) % 2000;
            char *block = malloc(size);
            if (!block)
                abort();
            block[0] = block[1] = (char)size;
            if (i % 2)
                block = atomic_exchange(&shelves[(unsigned)rand_r(&seed) % SHELVES], block);
            check_and_free(block);
        }
    return NULL;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 64;
    double seconds = argc > 2 ? atof(argv[2]) : 1;
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    end_ns = burn_clock_ns(CLOCK_MONOTONIC) + (uint64_t)(seconds * 1e9);
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, run, (void *)(size_t)(i + 1)) != 0)
            return 1;
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < SHELVES; i++)
        check_and_free(shelves[i]);
    free(threads);
    printf("wrong: %lu\n", (unsigned long)wrong);
    return 0;
}
