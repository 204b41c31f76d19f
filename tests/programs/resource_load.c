/*
 * A load that knows its answers: a thread that computes for a while and rests for a while, one that
 * sleeps often, and the first one, which writes to a file and touches memory. At the end a line
 * for each says what it did, while all of them still live.
 *
 *   resource_load FILE [descriptors]     `descriptors`: closes those it has, and may have few
 */
#include "burn.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fcntl.h>

#define PHASES 6
#define PHASE_NS 400000000ull
#define SLEEPS 200
#define WRITES 40
#define WRITE_SIZE 50000
#define PAGES 3000

static pthread_barrier_t begin, end;
static char lines[4096];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void say(const char *line)
{
    pthread_mutex_lock(&lock);
    strcat(lines, line);
    pthread_mutex_unlock(&lock);
}

BURN_FUNCTION(burn)

static void sleep_until(uint64_t when)
{
    struct timespec time = {(time_t)(when / 1000000000u), (long)(when % 1000000000u)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

/* Every other phase it computes. */
static void *compute(void *unused)
{
    char line[160];
    pthread_barrier_wait(&begin);
    for (int phase = 0; phase < PHASES; phase++) {
        uint64_t from = burn_clock_ns(CLOCK_MONOTONIC), before = burn_thread_ns();
        if (phase % 2)
            while (burn_clock_ns(CLOCK_MONOTONIC) < from + PHASE_NS)
                burn(0.005);
        else
            sleep_until(from + PHASE_NS);
        snprintf(line, sizeof line, "phase %d %llu %llu %llu\n", gettid(), (unsigned long long)from,
                 (unsigned long long)burn_clock_ns(CLOCK_MONOTONIC),
                 (unsigned long long)(burn_thread_ns() - before));
        say(line);
    }
    snprintf(line, sizeof line, "cpu %d %llu\n", gettid(), (unsigned long long)burn_thread_ns());
    say(line);
    pthread_barrier_wait(&end);
    pause();
    return unused;
}

static void *doze(void *unused)
{
    char line[80];
    struct rusage usage;
    pthread_barrier_wait(&begin);
    for (int i = 0; i < SLEEPS; i++)
        usleep(2000);
    getrusage(RUSAGE_THREAD, &usage);
    snprintf(line, sizeof line, "switches %d %ld\n", gettid(), usage.ru_nvcsw);
    say(line);
    pthread_barrier_wait(&end);
    pause();
    return unused;
}

static void write_and_touch(int fd)
{
    static char block[WRITE_SIZE];
    char *memory =
        mmap(NULL, PAGES * 4096ul, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(memory, PAGES * 4096ul, MADV_NOHUGEPAGE);
    for (int i = 0; i < WRITES; i++)
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block)
            abort();
    for (int i = 0; i < PAGES; i++)
        memory[i * 4096] = 1;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    char line[80];
    struct rlimit few = {8, 8};
    int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pthread_barrier_init(&begin, NULL, 3);
    pthread_barrier_init(&end, NULL, 3);
    pthread_create(&thread, NULL, compute, NULL);
    pthread_create(&thread, NULL, doze, NULL);
    if (argc > 2) {
        syscall(SYS_close_range, fd + 1u, ~0u, 0u);
        setrlimit(RLIMIT_NOFILE, &few);
    }
    sleep(1); /* it is looked at, and has done nothing */
    pthread_barrier_wait(&begin);
    write_and_touch(fd);
    pthread_barrier_wait(&end);
    usleep(300000);
    snprintf(line, sizeof line, "written %d %d\n", getpid(), WRITES * WRITE_SIZE);
    say(line);
    snprintf(line, sizeof line, "pages %d %d\n", getpid(), PAGES);
    say(line);
    return write(1, lines, strlen(lines)) < 0;
}
