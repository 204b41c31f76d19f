/*
 * Known answer for resident memory. Prints, in bytes, what it knows of itself at the end:
 * what of its memory is in live blocks and in mappings, and how much the C library's
 * allocator has taken from the system (the break and the arenas).
 *
 *     memory_parts fragment    blocks, of which every sixth is kept: one in most pages
 *     memory_parts large       64 MiB in blocks of 1 MiB, which have mappings of their own
 *     memory_parts untouched   a block of 256 MiB that is never written to
 *     memory_parts map         256 MiB mapped and touched, 256 MiB only mapped
 *     memory_parts shared      128 MiB of shared memory
 *     memory_parts arenas      eight threads with blocks in arenas of theirs
 */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1ul << 20)
#define BLOCKS 300000
#define LARGE 64
#define THREADS 8

static size_t live, mapped;
static char *blocks[BLOCKS];

static char *make(size_t size)
{
    char *block = malloc(size);
    if (!block)
        abort();
    memset(block, 1, malloc_usable_size(block));
    live += malloc_usable_size(block);
    return block;
}

static void give(char *block)
{
    live -= malloc_usable_size(block);
    free(block);
}

static void fragment(void)
{
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = make(700);
    for (int i = 0; i < BLOCKS; i++)
        if (i % 6)
            give(blocks[i]);
}

static void make_large(void)
{
    for (int i = 0; i < LARGE; i++)
        blocks[i] = make(MIB);
}

static void make_untouched(void)
{
    blocks[0] = malloc(256 * MIB);
    live += malloc_usable_size(blocks[0]);
}

static char *map(size_t size, int flags)
{
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        abort();
    mapped += size;
    return memory;
}

static void *fill_arena(void *barrier)
{
    for (int i = 0; i < 10000; i++)
        memset(malloc(900), 1, 900);
    pthread_barrier_wait(barrier);
    return NULL;
}

static void fill_arenas(void)
{
    static pthread_barrier_t barrier;
    pthread_t threads[THREADS];
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, fill_arena, &barrier) != 0)
            abort();
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    live = THREADS * 10000ul * malloc_usable_size(malloc(900));
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    usleep(30000); /* so that it is seen before, */
    if (strcmp(what, "fragment") == 0)
        fragment();
    else if (strcmp(what, "large") == 0)
        make_large();
    else if (strcmp(what, "untouched") == 0)
        make_untouched();
    else if (strcmp(what, "map") == 0)
        memset(map(256 * MIB, MAP_PRIVATE), 1, 256 * MIB), map(256 * MIB, MAP_PRIVATE);
    else if (strcmp(what, "shared") == 0)
        memset(map(128 * MIB, MAP_SHARED), 1, 128 * MIB);
    else if (strcmp(what, "arenas") == 0)
        fill_arenas();
    else
        return 2;
    usleep(60000); /* and at its end */
    printf("{\"live\":%zu,\"mapped\":%zu,\"arena\":%zu}\n", live, mapped, mallinfo2().arena);
    return 0;
}
