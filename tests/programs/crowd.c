/*
 * Threads of every kind: COUNT short ones in a row, then COUNT/10 at once that each
 * burn as much, one made by clone() alone. Says how many timers are left in the end
 * besides those of living threads: none.
 *
 *     crowd COUNT
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "burn.h"

BURN_FUNCTION(burn_short)
BURN_FUNCTION(burn_crowd)

static volatile uint64_t raw_sum;
static volatile int raw_done;

static void *briefly(void *unused)
{
    burn_short(0.0002);
    return unused;
}

static void *together(void *unused)
{
    burn_crowd(0.01);
    return unused;
}

/* Without the C library's knowledge, and with our own thread-local storage, as it has
 * none: nothing of libc may be called. */
static int raw_thread(void *unused)
{
    (void)unused;
    for (int i = 0; i < 1500000000; i++)
        raw_sum += (uint64_t)i * i;
    raw_done = 1;
    return 0;
}

static void clone_alone(void)
{
    size_t size = 256 << 10;
    char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

    if (clone(raw_thread, stack + size, flags, NULL) < 0)
        exit(1);
    while (!raw_done)
        usleep(1000);
    usleep(200000);
}

static int timers(void)
{
    char line[256];
    int count = 0;
    FILE *file = fopen("/proc/self/timers", "r");

    while (file && fgets(line, sizeof line, file))
        count += strncmp(line, "ID:", 3) == 0;
    if (file)
        fclose(file);
    return count;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1000;
    pthread_t thread, *threads = calloc((size_t)count, sizeof *threads);

    for (int i = 0; i < count; i++) {
        if (pthread_create(&thread, NULL, briefly, NULL) != 0)
            return 1;
        pthread_join(thread, NULL);
    }
    for (int i = 0; i < count / 10; i++)
        if (pthread_create(&threads[i], NULL, together, NULL) != 0)
            return 1;
    for (int i = 0; i < count / 10; i++)
        pthread_join(threads[i], NULL);
    clone_alone();
    printf("timers of the dead: %s\n", timers() <= 2 ? "none" : "some");
    free(threads);
    return 0;
}
