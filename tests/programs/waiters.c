/* Threads that wait, each in a way of its own and under a chain of functions of its own,
 * and one that never does.
 *
 *     waiters SECONDS [IDLE]
 *
 * Prints one line per thread: name, wall and CPU nanoseconds. IDLE more threads wait. */
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEPTH 30
#define KINDS 7
#define THREADS_MAX 256

static int pipe_ends[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t signalled = PTHREAD_COND_INITIALIZER;
static atomic_int over;
static double seconds;
static atomic_int interrupted;

static uint64_t now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Called down to DEPTH; the call is no tail call, and no copy of it is made. */
__attribute__((noinline, noclone)) static int descend(int depth, int (*bottom)(void))
{
    volatile int result = depth > 1 ? descend(depth - 1, bottom) : bottom();
    return result + 1;
}

__attribute__((noinline)) static int wait_in_sleep(void)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
    volatile int status = nanosleep(&time, NULL);
    return status;
}

__attribute__((noinline)) static int wait_in_read(void)
{
    char byte;
    volatile ssize_t size = read(pipe_ends[0], &byte, 1);
    return size < 0;
}

__attribute__((noinline)) static int wait_in_mutex(void)
{
    volatile int status = pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    return status;
}

__attribute__((noinline)) static int wait_in_condition(void)
{
    volatile int status = 0;
    pthread_mutex_lock(&guard);
    while (!over)
        status = pthread_cond_wait(&signalled, &guard);
    pthread_mutex_unlock(&guard);
    return status;
}

__attribute__((noinline)) static int wait_in_poll(void)
{
    volatile int status = poll(NULL, 0, (int)(seconds * 1000));
    return status;
}

__attribute__((noinline)) static int burn(void)
{
    volatile uint64_t work = 0;
    while (!over)
        for (int i = 0; i < 1000; i++)
            work = work * 3 + 1;
    return (int)work & 1;
}

__attribute__((noinline)) static int burn_and_nap(void)
{
    volatile uint64_t work = 0;
    while (!over) {
        uint64_t until = now(CLOCK_THREAD_CPUTIME_ID) + 5000000u;
        while (now(CLOCK_THREAD_CPUTIME_ID) < until)
            work = work * 3 + 1;
        usleep(5000);
    }
    return (int)work & 1;
}

static const struct {
    const char *name;
    int (*bottom)(void);
} kinds[KINDS] = {{"sleep", wait_in_sleep},    {"read", wait_in_read}, {"mutex", wait_in_mutex},
                  {"cond", wait_in_condition}, {"poll", wait_in_poll}, {"burn", burn},
                  {"alternate", burn_and_nap}};

static struct {
    int kind;
    uint64_t wall_ns, cpu_ns;
} threads[THREADS_MAX];

static void *run(void *argument)
{
    size_t i = (size_t)argument;
    uint64_t start = now(CLOCK_MONOTONIC);
    prctl(PR_SET_NAME, kinds[threads[i].kind].name);
    errno = 0;
    volatile int result = descend(DEPTH, kinds[threads[i].kind].bottom);
    if (errno == EINTR)
        interrupted++;
    (void)result;
    threads[i].wall_ns = now(CLOCK_MONOTONIC) - start;
    threads[i].cpu_ns = now(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t handles[THREADS_MAX];
    int idle = argc > 2 ? atoi(argv[2]) : 0;
    seconds = argc > 1 ? atof(argv[1]) : 1;
    if (pipe(pipe_ends) != 0 || KINDS + idle > THREADS_MAX)
        return 1;
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < KINDS + idle; i++) {
        threads[i].kind = i < KINDS ? i : 3;
        if (pthread_create(&handles[i], NULL, run, (void *)(size_t)i) != 0)
            return 1;
    }
    usleep((useconds_t)(seconds * 1e6));
    over = 1;
    pthread_mutex_unlock(&mutex);
    pthread_mutex_lock(&guard);
    pthread_cond_broadcast(&signalled);
    pthread_mutex_unlock(&guard);
    if (write(pipe_ends[1], "x", 1) != 1)
        return 1;
    for (int i = 0; i < KINDS + idle; i++) {
        pthread_join(handles[i], NULL);
        printf("%s %llu %llu\n", kinds[threads[i].kind].name,
               (unsigned long long)threads[i].wall_ns, (unsigned long long)threads[i].cpu_ns);
    }
    printf("interrupted %d\n", interrupted);
    return 0;
}
