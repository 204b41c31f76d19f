/*
 * Known answer for mapped memory: every way to map anonymous memory and to give it back,
 * each in a function of its own. Prints, per function, what is there at the end, what it
 * mapped in all, and in how many calls; functions that are not named map nothing that
 * counts.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1ul << 20)
#define SITE __attribute__((noinline, noipa))

static char *must(void *memory)
{
    if (memory == MAP_FAILED)
        abort();
    return memory;
}

#define map(size) must(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))

static char *volatile kept;

SITE static void keep(void)
{
    kept = map(8 * MIB);
}

SITE static void keep_part(void)
{
    char *memory = map(8 * MIB);
    munmap(memory, 64 << 10);              /* less than what counts, of what does */
    munmap(memory + 2 * MIB, 3 * MIB);     /* its middle */
    munmap(memory + 8 * MIB - 4096, 4096); /* its end */
    kept = memory;
}

SITE static void churn(void)
{
    for (int i = 0; i < 100; i++) {
        char *memory = map(2 * MIB);
        munmap(memory, 2 * MIB);
    }
}

SITE static char *begin(void)
{
    return map(2 * MIB);
}

SITE static char *grow(char *memory)
{
    kept = map(MIB); /* likely in the way */
    return must(mremap(memory, 2 * MIB, 6 * MIB, MREMAP_MAYMOVE));
}

SITE static void shrink(void)
{
    char *memory = map(6 * MIB);
    kept = must(mremap(memory, 6 * MIB, MIB, 0));
}

SITE static void grow_small(void)
{
    char *memory = map(64 << 10); /* does not count, but what it becomes */
    kept = must(mremap(memory, 64 << 10, 3 * MIB, MREMAP_MAYMOVE));
}

SITE static void fail_to_grow(void)
{
    char *memory = map(4 * MIB);
    must(mmap(memory + 3 * MIB, MIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    if (mremap(memory, 2 * MIB, 64 * MIB, 0) != MAP_FAILED)
        abort();
    kept = memory;
}

SITE static void replace(void)
{
    char *memory = map(4 * MIB);
    must(mmap(memory, MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    kept = memory;
}

SITE static void share(void)
{
    kept = must(mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

SITE static void take_break(void)
{
    for (int i = 0; i < 48; i++) /* each less than counts, together 3 MiB */
        if (sbrk(64 << 10) == (void *)-1)
            abort();
    if (brk((char *)sbrk(0) + 2 * MIB) != 0 || sbrk(-(long)MIB) == (void *)-1)
        abort();
}

static void *give_back(void *memory)
{
    munmap(memory, 5 * MIB);
    return NULL;
}

SITE static void have_freed(void)
{
    pthread_t thread;
    char *memory = map(5 * MIB);
    if (pthread_create(&thread, NULL, give_back, memory) != 0)
        abort();
    pthread_join(thread, NULL);
}

SITE static void in_handler(int signal)
{
    (void)signal;
    kept = map(2 * MIB);
}

SITE static void do_not_count(void)
{
    for (int i = 0; i < 100; i++)
        kept = map(512 << 10);
    must(mmap(NULL, 1024 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    int fd = memfd_create("file", 0);
    if (fd < 0 || ftruncate(fd, 8 * MIB) != 0)
        abort();
    char *file = must(mmap(NULL, 64 << 10, PROT_READ, MAP_PRIVATE, fd, 0));
    kept = must(mremap(file, 64 << 10, 8 * MIB, MREMAP_MAYMOVE));
    file = must(mmap(NULL, 4 * MIB, PROT_READ, MAP_PRIVATE, fd, 0));
    kept = must(mremap(file, 4 * MIB, 8 * MIB, MREMAP_MAYMOVE));
    munmap(kept, 8 * MIB);
}

int main(void)
{
    signal(SIGUSR1, in_handler);
    keep();
    keep_part();
    churn();
    kept = grow(begin());
    shrink();
    grow_small();
    fail_to_grow();
    replace();
    share();
    take_break();
    have_freed();
    raise(SIGUSR1);
    do_not_count();
    printf("keep 8388608 8388608 1\n"
           "keep_part %lu 8388608 1\n"
           "churn 0 209715200 100\n"
           "begin 2097152 2097152 1\n"
           "grow 5242880 5242880 2\n"
           "shrink 1048576 6291456 1\n"
           "grow_small 3145728 3145728 1\n"
           "fail_to_grow 4194304 5242880 2\n"
           "replace 3145728 4194304 1\n"
           "share 2097152 2097152 1\n"
           "take_break 4194304 5242880 4\n"
           "have_freed 0 5242880 1\n"
           "in_handler 2097152 2097152 1\n",
           5 * MIB - (64 << 10) - 4096);
    return 0;
}
