/*
 * Known answer for memory under any allocator: as alloc_exact.c, by the calls
 * that all allocators have in common.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned long long alloc_count, alloc_bytes, free_count, free_bytes;

static void *got(void *block)
{
    if (!block)
        abort();
    alloc_count++;
    alloc_bytes += malloc_usable_size(block);
    return block;
}

static void give(void *block)
{
    free_count++;
    free_bytes += malloc_usable_size(block);
    free(block);
}

static void *work(void *argument)
{
    pthread_setname_np(pthread_self(), "counts");
    for (size_t i = 1; i < 20000; i++) {
        void *block = got(malloc(i % 5000)), *aligned;
        free_count++;
        free_bytes += malloc_usable_size(block);
        block = got(realloc(block, i % 7000 + 1));
        if (posix_memalign(&aligned, 64, i % 300 + 1) != 0)
            abort();
        give(got(aligned));
        give(got(calloc(i % 100 + 1, 3)));
        give(block);
    }
    *(int *)argument = (int)gettid();
    return NULL;
}

int main(void)
{
    pthread_t thread;
    int tid = 0;
    if (pthread_create(&thread, NULL, work, &tid) != 0)
        return 1;
    pthread_join(thread, NULL);
    printf("{\"threads\":[{\"tid\":%d,\"name\":\"counts\",\"alloc_count\":%llu,"
           "\"alloc_bytes\":%llu,\"free_count\":%llu,\"free_bytes\":%llu}]}\n",
           tid, alloc_count, alloc_bytes, free_count, free_bytes);
    return 0;
}
