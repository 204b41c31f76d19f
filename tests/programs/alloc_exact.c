/*
 * Known answer for memory: every thread allocates and frees through every entry
 * of the C allocator, counts by itself what a profiler should have counted, and
 * the program prints that as JSON.
 *
 *     alloc_exact [ROUNDS]
 *
 * The rules: bytes are usable sizes; a realloc of a live block that succeeds is
 * one free of the old size and one allocation of the new; realloc(p, 0) is one
 * free; what fails and free(NULL) count nothing. Worker threads allocate nothing
 * else between their start and their end.
 */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS = 3, BLOCKS = 32 };

struct worker {
    int index, tid, rounds;
    unsigned long long alloc_count, alloc_bytes, free_count, free_bytes;
    void *blocks[BLOCKS];
    size_t used;
};

/* Volatile, or the compiler would know the outcome of what must be called. */
static volatile size_t too_much = SIZE_MAX / 2;
static volatile size_t nothing = 0;

static void *count_alloc(struct worker *worker, void *block)
{
    if (!block)
        abort();
    worker->alloc_count++;
    worker->alloc_bytes += malloc_usable_size(block);
    return block;
}

static void count_free(struct worker *worker, size_t usable)
{
    worker->free_count++;
    worker->free_bytes += usable;
}

static void keep(struct worker *worker, void *block)
{
    worker->blocks[worker->used++] = count_alloc(worker, block);
}

static void expect_failure(const void *block)
{
    if (block)
        abort();
}

static void release(struct worker *worker, void *block)
{
    count_free(worker, malloc_usable_size(block));
    free(block);
}

static void *resize(struct worker *worker, void *block, size_t size)
{
    size_t before = malloc_usable_size(block);
    block = realloc(block, size);
    count_free(worker, before);
    return count_alloc(worker, block);
}

static void allocate_every_way(struct worker *worker, size_t size)
{
    void *block = NULL;
    keep(worker, malloc(size));
    keep(worker, malloc(nothing));
    keep(worker, calloc(size, 3));
    keep(worker, realloc(NULL, size));
    keep(worker, reallocarray(NULL, size, 2));
    if (posix_memalign(&block, 256, size) != 0)
        abort();
    keep(worker, block);
    keep(worker, aligned_alloc(64, (size + 63) / 64 * 64));
    keep(worker, memalign(128, size));
    keep(worker, valloc(size));
    keep(worker, pvalloc(size));
}

static void resize_some(struct worker *worker, size_t size)
{
    worker->blocks[0] = resize(worker, worker->blocks[0], size * 20); /* moves */
    worker->blocks[0] = resize(worker, worker->blocks[0], size);      /* shrinks in place */
    worker->blocks[1] = resize(worker, worker->blocks[1], 300000);    /* to its own mapping */
    worker->blocks[1] = resize(worker, worker->blocks[1], 700000);    /* mremap */

    size_t before = malloc_usable_size(worker->blocks[2]);
    void *block = reallocarray(worker->blocks[2], size, 7);
    count_free(worker, before);
    worker->blocks[2] = count_alloc(worker, block);

    void *gone = count_alloc(worker, malloc(size));
    count_free(worker, malloc_usable_size(gone));
    expect_failure(realloc(gone, nothing));
}

static void fail_every_way(struct worker *worker)
{
    void *block = NULL;
    expect_failure(malloc(too_much + 1));
    expect_failure(calloc(too_much, 4));
    expect_failure(realloc(NULL, too_much + 1));
    expect_failure(realloc(worker->blocks[0], too_much + 1)); /* the block stays */
    expect_failure(reallocarray(worker->blocks[0], too_much, 4));
    expect_failure(aligned_alloc(64, too_much + 1));
    expect_failure(memalign(64, too_much + 1));
    if (posix_memalign(&block, 3, 100) != EINVAL)
        abort();
    if (posix_memalign(&block, 64, too_much + 1) != ENOMEM)
        abort();
    free(NULL);
}

static void *run(void *argument)
{
    struct worker *worker = argument;
    char name[16];
    snprintf(name, sizeof name, "alloc-%d", worker->index);
    pthread_setname_np(pthread_self(), name);
    worker->tid = gettid();
    for (int round = 0; round < worker->rounds; round++) {
        size_t size = 8 + (size_t)round * 37 % 5000 + (size_t)worker->index;
        allocate_every_way(worker, size);
        resize_some(worker, size);
        fail_every_way(worker);
        /* The last round of every other thread leaves its blocks. */
        if (round == worker->rounds - 1 && worker->index % 2)
            break;
        while (worker->used > 0)
            release(worker, worker->blocks[--worker->used]);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static struct worker workers[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        workers[i].index = i;
        workers[i].rounds = (argc > 1 ? atoi(argv[1]) : 1000) * (i + 1);
        if (pthread_create(&threads[i], NULL, run, &workers[i]) != 0)
            return 1;
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    printf("{\"threads\":[");
    for (int i = 0; i < THREADS; i++)
        printf("%s{\"tid\":%d,\"name\":\"alloc-%d\",\"alloc_count\":%llu,\"alloc_bytes\":%llu,"
               "\"free_count\":%llu,\"free_bytes\":%llu}",
               i ? "," : "", workers[i].tid, i, workers[i].alloc_count, workers[i].alloc_bytes,
               workers[i].free_count, workers[i].free_bytes);
    printf("]}\n");
    return 0;
}
