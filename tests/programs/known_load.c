/*
 * A load that is known: known_load SECONDS FILE BUSY. In every 100 ms, by the wall clock: BUSY ms of
 * computing, 256 KiB written to FILE and to the disk, 256 KiB of memory more. Prints its CPU time
 * in ns and the bytes it wrote.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEP_NS 100000000u
#define PIECE (256u << 10)

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static volatile unsigned sink; /* keeps the work */

static void compute(uint64_t lasts_ns)
{
    uint64_t end_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) + lasts_ns;
    while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end_ns)
        for (unsigned i = 0; i < 10000; i++)
            sink += i * i;
}

int main(int count, char **arguments)
{
    if (count != 4)
        return 2;
    uint64_t steps = (uint64_t)(atof(arguments[1]) * 10), written = 0;
    uint64_t busy_ns = strtoull(arguments[3], NULL, 10) * 1000000u;
    int fd = open(arguments[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    uint64_t next_ns = clock_ns(CLOCK_MONOTONIC);
    for (uint64_t i = 0; i < steps; i++) {
        char *more = malloc(PIECE);
        if (fd < 0 || !more)
            return 1;
        memset(more, (int)i | 1, PIECE);
        ssize_t got = write(fd, more, PIECE);
        written += got > 0 ? (uint64_t)got : 0;
        fdatasync(fd);
        compute(busy_ns);
        next_ns += STEP_NS;
        const struct timespec until = {.tv_sec = (time_t)(next_ns / 1000000000u),
                                       .tv_nsec = (long)(next_ns % 1000000000u)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    }
    printf("%llu %llu\n", (unsigned long long)clock_ns(CLOCK_PROCESS_CPUTIME_ID),
           (unsigned long long)written);
    return 0;
}
