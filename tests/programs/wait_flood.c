/*
 * Floods what watches waits: threads that wait a little longer than the threshold, all the time,
 * by many ways through the code, for locks that are made and given up again and for files and
 * pipes that are opened and closed.
 *
 *     wait_flood [SECONDS] [THREADS]
 *
 * How many waits there were, stands in wait_flood.count.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))
#define THREADS_MAX 256
#define DEPTH 12

static double seconds = 1;
static atomic_long waits, wrong;
static __thread volatile int returned;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct timespec soon(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    time.tv_nsec += 60000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

/* Objects at ever other addresses: each stands elsewhere on the heap. */
static void wait_for_lock(void)
{
    pthread_mutex_t *mutex = malloc(sizeof *mutex);
    struct timespec when = soon();
    pthread_mutex_init(mutex, NULL);
    pthread_mutex_lock(mutex);
    wrong += pthread_mutex_timedlock(mutex, &when) == 0;
    pthread_mutex_unlock(mutex);
    pthread_mutex_destroy(mutex);
    free(mutex);
}

static void wait_for_semaphore(void)
{
    sem_t *semaphore = malloc(sizeof *semaphore + (size_t)(now_ns() & 4095));
    struct timespec when = soon();
    sem_init(semaphore, 0, 0);
    wrong += sem_timedwait(semaphore, &when) == 0;
    sem_destroy(semaphore);
    free(semaphore);
}

static void wait_for_pipe(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    struct pollfd one = {.fd = ends[0], .events = POLLIN};
    struct timespec time = {0, 60000};
    wrong += ppoll(&one, 1, &time, NULL) != 0;
    close(ends[0]);
    close(ends[1]);
}

static void wait_for_nothing(void)
{
    struct timespec time = {0, 60000};
    nanosleep(&time, NULL);
}

NOINLINE static void wait_somehow(uint32_t way)
{
    static void (*const some[])(void) = {wait_for_lock, wait_for_semaphore, wait_for_pipe,
                                         wait_for_nothing};
    some[way % 4]();
    waits++;
}

static void descend(uint32_t way, int depth);

NOINLINE static void left(uint32_t way, int depth)
{
    descend(way, depth);
    returned++;
}

NOINLINE static void right(uint32_t way, int depth)
{
    descend(way, depth);
    returned--;
}

static inline __attribute__((always_inline)) void descend(uint32_t way, int depth)
{
    if (depth == 0)
        wait_somehow(way >> DEPTH);
    else if (way & 1u << depth)
        left(way, depth - 1);
    else
        right(way, depth - 1);
}

static void *flood(void *number)
{
    uint32_t random = (uint32_t)(uintptr_t)number * 2654435761u + 1;
    uint64_t until = now_ns() + (uint64_t)(seconds * 1e9);
    while (now_ns() < until) {
        random = random * 1664525u + 1013904223u;
        left(random >> 8, DEPTH);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS_MAX];
    int count = argc > 2 ? atoi(argv[2]) : 64;
    seconds = argc > 1 ? atof(argv[1]) : 1;
    if (count < 1 || count > THREADS_MAX)
        return 2;
    for (intptr_t i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, flood, (void *)i) != 0)
            return 1;
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    FILE *file = fopen("wait_flood.count", "w");
    if (!file || fprintf(file, "%ld\n", waits) < 0 || fclose(file) != 0)
        return 1;
    printf("wrong: %ld\n", wrong);
    return 0;
}
