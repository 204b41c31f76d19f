/*
 * Pairs of malloc and free at a depth of 20, for what recording them costs:
 *
 *     heap_pairs changing|repeating THOUSANDS [THREADS]
 *
 * Each thread makes so many thousand pairs, with 120 ns to each, malloc and free included. `changing`:
 * one pair per descent, by one of 512 paths, chosen at random. `repeating`: 64 pairs at the
 * end of each.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline, noclone))
#define DEPTH 18 /* below main or the thread's start, and above the leaf */
#define CHOICES 9
#define THREADS_MAX 64

static int repeats, work;
static long pairs;
static __thread volatile uint64_t sink;
static __thread volatile int returned;

NOINLINE static void leaf(uint32_t path)
{
    uint64_t random = path;
    for (int i = 0; i < repeats; i++) {
        char *block = malloc(16 + (random >> 33) % 200);
        if (!block)
            abort();
        block[0] = (char)random;
        for (int round = 0; round < work; round++)
            random = random * 6364136223846793005u + 1442695040888963407u;
        sink = random;
        free(block);
    }
}

static void choose(uint32_t path, int depth);

NOINLINE static void left(uint32_t path, int depth)
{
    choose(path, depth);
    returned++;
}

NOINLINE static void right(uint32_t path, int depth)
{
    choose(path, depth);
    returned--;
}

/* Every other frame is one of two. */
static inline __attribute__((always_inline)) void choose(uint32_t path, int depth)
{
    if (depth == 0)
        leaf(path);
    else if (depth > CHOICES || path & 1u << (depth - 1))
        left(path, depth - 1);
    else
        right(path, depth - 1);
}

static void *run(void *argument)
{
    uint32_t random = (uint32_t)(uintptr_t)argument + 1;
    for (long i = 0; i < pairs; i += repeats) {
        random = random * 1664525u + 1013904223u;
        left(random >> 20 & ((1u << CHOICES) - 1), DEPTH - 1);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS_MAX];
    int count = argc > 3 ? atoi(argv[3]) : 2;
    if (argc < 3 || count < 1 || count > THREADS_MAX)
        return 2;
    repeats = strcmp(argv[1], "repeating") == 0 ? 64 : 1;
    work = repeats > 1 ? 90 : 45; /* descents take time as well */
    pairs = atol(argv[2]) * 1000;
    for (intptr_t i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, run, (void *)i) != 0)
            return 1;
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
