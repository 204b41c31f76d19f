/*
 * What the test programs share: CPU clocks, and functions that burn a known
 * amount of CPU time under a name of their own, so that a profile can be checked
 * against what the program knows. Included by C and C++; no state.
 */
#ifndef TESTS_BURN_H
#define TESTS_BURN_H

#include <stdint.h>
#include <time.h>

static inline uint64_t burn_clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t burn_thread_ns(void)
{
    return burn_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static volatile uint64_t burn_sink;

/*
 * Defines `static void name(double seconds)`: burns that much CPU time of the
 * calling thread inside `name` itself. About 100 us pass between two looks at
 * the clock, so that nearly no time is spent in it.
 */
#define BURN_FUNCTION(name)                                           \
    static __attribute__((noinline)) void name(double seconds)        \
    {                                                                 \
        uint64_t end = burn_thread_ns() + (uint64_t)(seconds * 1e9);  \
        do {                                                          \
            uint64_t value = burn_sink | 1;                           \
            for (int i = 0; i < 60000; i++)                           \
                value = value * 6364136223846793005u + (value >> 29); \
            burn_sink = value;                                        \
        } while (burn_thread_ns() < end);                             \
    }

#endif
