/*
 * Known answer for resident memory. Prints, in bytes, what it knows of itself at the end:
 * what of its memory is in live blocks and in mappings, and how much the C library's
 * allocator has taken from the system (the break and the arenas).
 *
 *     memory_parts fragment    blocks, of which every sixth is kept: one in most pages
 *     memory_parts few         many small blocks, of which every 64th is kept
 *     memory_parts large       64 MiB in blocks of 1 MiB, which have mappings of their own
 *     memory_parts untouched   a block of 256 MiB that is never written to
 *     memory_parts map         256 MiB mapped and touched, 256 MiB only mapped
 *     memory_parts shared      128 MiB of shared memory
 *     memory_parts arenas      eight threads with blocks in arenas of theirs
 *     memory_parts one         the same with one arena for all
 *     memory_parts full        two threads with 150 MiB each: arenas of several heaps
 *     memory_parts file        128 MiB of a file on a disk (./memory_parts.file), read
 *     memory_parts written     the same, private and written to
 *     memory_parts memfd       128 MiB of a file in memory
 *     memory_parts stacks      32 threads that use 1 MiB of their stacks each
 *     memory_parts variables   64 MiB of static variables
 *     memory_parts dontneed    256 MiB mapped and touched, of which 192 are given back
 *     memory_parts lazy        256 MiB mapped and touched, of which 192 are freed lazily
 *     memory_parts big         1280 MiB mapped and touched, beside a fragmented heap
 *     memory_parts zeros       256 MiB mapped and only read
 *     memory_parts huge        one byte touched in each of 32 huge pages
 *     memory_parts reserved    32 MiB of reserved huge pages; ends with status 77 without any
 *     memory_parts rest        128 MiB mapped for a while, and a small heap that stays fragmented
 *     memory_parts spike       256 MiB mapped, touched, and unmapped at once
 *     memory_parts churn       two threads that map and unmap 2 MiB 50000 times each
 *     memory_parts small       64 MiB in mappings too small to be recorded
 */
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1ul << 20)
#define BLOCKS 300000
#define LARGE 64
#define THREADS 8
#define STACKS 32
#define CHURNS 50000

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

static void keep_few(void)
{
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = make(700);
    for (int i = 0; i < BLOCKS; i++)
        if (i % 64)
            give(blocks[i]);
}

static char *map_file(int fd, int flags)
{
    if (fd < 0 || ftruncate(fd, 128 * MIB) != 0)
        abort();
    char *memory = mmap(NULL, 128 * MIB, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (memory == MAP_FAILED)
        abort();
    close(fd);
    return memory;
}

static char *map_disk(int flags)
{
    return map_file(open("memory_parts.file", O_RDWR | O_CREAT, 0600), flags);
}

static unsigned read_all(const char *memory, size_t size)
{
    static volatile unsigned sum;
    for (size_t i = 0; i < size; i += 4096)
        sum += (unsigned char)memory[i];
    return sum;
}

static void *fill_stack(void *barrier)
{
    char room[MIB];
    memset(room, 1, sizeof room);
    read_all(room, sizeof room);
    pthread_barrier_wait(barrier); /* all have, */
    pthread_barrier_wait(barrier); /* and all stay */
    return NULL;
}

static void fill_stacks(void)
{
    static pthread_barrier_t barrier;
    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, STACKS + 1);
    for (int i = 0; i < STACKS; i++)
        if (pthread_create(&thread, NULL, fill_stack, &barrier) != 0)
            abort();
    pthread_barrier_wait(&barrier);
}

static void touch_huge(void)
{
    char *memory = map(34 * 2 * MIB, MAP_PRIVATE);
    madvise(memory, 34 * 2 * MIB, MADV_HUGEPAGE);
    memory = (char *)(((size_t)memory + 2 * MIB - 1) & ~(2 * MIB - 1));
    for (int i = 0; i < 32; i++)
        memory[(size_t)i * 2 * MIB + 12345] = 1;
}

static void reserve_huge(void)
{
    char *memory = mmap(NULL, 32 * MIB, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    if (memory == MAP_FAILED)
        exit(77);
    memset(memory, 1, 32 * MIB);
}

static void give_back(int advice)
{
    char *memory = map(256 * MIB, MAP_PRIVATE);
    memset(memory, 1, 256 * MIB);
    if (madvise(memory + 64 * MIB, 192 * MIB, advice) != 0)
        abort();
}

static void map_small(void)
{
    for (int i = 0; i < 256; i++) { /* something between them, that they do not grow together */
        memset(map(256 << 10, MAP_PRIVATE), 1, 256 << 10);
        if (mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
            abort();
    }
    mapped = 0;
}

static int arena_blocks = 10000;

static void *fill_arena(void *barrier)
{
    for (int i = 0; i < arena_blocks; i++)
        memset(malloc(900), 1, 900);
    pthread_barrier_wait(barrier);
    return NULL;
}

static void fill_arenas(unsigned count)
{
    static pthread_barrier_t barrier;
    pthread_t threads[THREADS];
    pthread_barrier_init(&barrier, NULL, count);
    for (unsigned i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, fill_arena, &barrier) != 0)
            abort();
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    live = count * (size_t)arena_blocks * malloc_usable_size(malloc(900));
}

static void leave_rest(void)
{
    char *memory = map(128 * MIB, MAP_PRIVATE);
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = make(250);
    memset(memory, 1, 128 * MIB);
    usleep(1500000); /* the servant looks once a second at least */
    munmap(memory, 128 * MIB);
    for (int i = 0; i < BLOCKS; i++)
        if (i % 64)
            give(blocks[i]);
}

static void spike(void)
{
    char *memory = map(256 * MIB, MAP_PRIVATE);
    memset(memory, 1, 256 * MIB);
    munmap(memory, 256 * MIB);
    mapped = 0;
}

static void *churn(void *unused)
{
    for (int i = 0; i < CHURNS; i++) {
        char *memory =
            mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED || munmap(memory, 2 * MIB) != 0)
            abort();
    }
    return unused;
}

static void churn_twice(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, churn, NULL) != 0)
        abort();
    churn(NULL);
    pthread_join(thread, NULL);
}

static char variables[64 * MIB];

static bool make_parts(const char *what)
{
    if (strcmp(what, "fragment") == 0)
        fragment();
    else if (strcmp(what, "few") == 0)
        keep_few();
    else if (strcmp(what, "large") == 0)
        make_large();
    else if (strcmp(what, "untouched") == 0)
        make_untouched();
    else if (strcmp(what, "map") == 0)
        memset(map(256 * MIB, MAP_PRIVATE), 1, 256 * MIB), map(256 * MIB, MAP_PRIVATE);
    else if (strcmp(what, "shared") == 0)
        memset(map(128 * MIB, MAP_SHARED), 1, 128 * MIB);
    else if (strcmp(what, "arenas") == 0)
        fill_arenas(THREADS);
    else if (strcmp(what, "one") == 0)
        mallopt(M_ARENA_MAX, 1), fill_arenas(THREADS);
    else if (strcmp(what, "full") == 0)
        arena_blocks = (int)(150 * MIB / 912), fill_arenas(2);
    else
        return false;
    return true;
}

static bool make_others(const char *what)
{
    if (strcmp(what, "file") == 0)
        read_all(map_disk(MAP_SHARED), 128 * MIB);
    else if (strcmp(what, "written") == 0)
        memset(map_disk(MAP_PRIVATE), 1, 128 * MIB);
    else if (strcmp(what, "memfd") == 0)
        memset(map_file(memfd_create("parts", 0), MAP_SHARED), 1, 128 * MIB);
    else if (strcmp(what, "stacks") == 0)
        fill_stacks();
    else if (strcmp(what, "variables") == 0)
        memset(variables, 1, sizeof variables);
    else if (strcmp(what, "dontneed") == 0)
        give_back(MADV_DONTNEED);
    else if (strcmp(what, "lazy") == 0)
        give_back(MADV_FREE);
    else if (strcmp(what, "big") == 0)
        memset(map(1280 * MIB, MAP_PRIVATE), 1, 1280 * MIB), fragment();
    else if (strcmp(what, "zeros") == 0)
        read_all(map(256 * MIB, MAP_PRIVATE), 256 * MIB);
    else if (strcmp(what, "huge") == 0)
        touch_huge();
    else if (strcmp(what, "reserved") == 0)
        reserve_huge();
    else if (strcmp(what, "spike") == 0)
        spike();
    else if (strcmp(what, "rest") == 0)
        leave_rest();
    else if (strcmp(what, "churn") == 0)
        churn_twice();
    else if (strcmp(what, "small") == 0)
        map_small();
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    usleep(30000); /* so that it is seen before, */
    if (!make_parts(what) && !make_others(what))
        return 2;
    usleep(60000); /* and at its end */
    printf("{\"live\":%zu,\"mapped\":%zu,\"arena\":%zu}\n", live, mapped, mallinfo2().arena);
    if (argc > 2) { /* for whoever looks at it from outside */
        fflush(stdout);
        sleep((unsigned)atoi(argv[2]));
    }
    return 0;
}
