/*
 * Known answer for memory under any allocator: as alloc_exact.c, by the calls
 * that all allocators have in common, and by what the C library allocates for its caller.
 *
 *     allocator_count [cfree]
 *
 * cfree: by that as well, which not all of them have, and then goes to the C library's.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

/* Of programs linked long ago: new ones cannot be. */
__asm__(".symver old_cfree, cfree@GLIBC_2.2.5");
void old_cfree(void *block);

static unsigned long long alloc_count, alloc_bytes, free_count, free_bytes;
static int with_cfree;

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

static void *resized(void *block, size_t count, size_t size)
{
    free_count++;
    free_bytes += malloc_usable_size(block);
    return got(reallocarray(block, count, size));
}

static void less_usual(size_t i)
{
    static const char text[] = "a text that is copied, in part";
    static const wchar_t wide[] = L"wide";
    give(got(aligned_alloc(64, (i % 30 + 1) * 64)));
    give(got(memalign(32, i % 3000 + 1)));
    give(got(valloc(i % 300 + 1)));
    give(resized(got(reallocarray(NULL, i % 50 + 1, 8)), i % 70 + 1, 16));
    give(got(strdup(text + i % sizeof text)));
    give(got(strndup(text, i % sizeof text)));
    give(got(wcsdup(wide)));
    if (!with_cfree)
        return;
    void *block = got(malloc(i % 100));
    free_count++;
    free_bytes += malloc_usable_size(block);
    old_cfree(block);
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
        less_usual(i);
    }
    *(int *)argument = (int)gettid();
    return NULL;
}

int main(int argc, char **argv)
{
    with_cfree = argc > 1 && strcmp(argv[1], "cfree") == 0;
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
