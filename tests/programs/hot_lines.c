/*
 * Known answer for source lines: the same work three times as often on one line as on the other,
 * and half as often as both together in a function that is inlined. Says which lines they are.
 *
 *     hot_lines SECONDS
 */
#include "burn.h"

#include <stdio.h>
#include <stdlib.h>

/* A loop whose whole body is on one line; the empty statement keeps it there. */
#define WORK(steps)                                               \
    do {                                                          \
        for (int i = 0; i < (steps); i++)                         \
            value = value * 6364136223846793005u + (value >> 29); \
        __asm__("" : "+r"(value));                                \
    } while (0)
#define STEPS 20000

static inline __attribute__((always_inline)) uint64_t inlined(uint64_t value)
{
    WORK(2 * STEPS); /* INLINED */
    return value;
}

__attribute__((noipa)) uint64_t hot(uint64_t value)
{
    WORK(3 * STEPS);        /* THREE */
    WORK(STEPS);            /* ONE */
    value = inlined(value); /* CALL */
    return value;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    uint64_t end = burn_thread_ns() + (uint64_t)(atof(argv[1]) * 1e9);
    do {
        burn_sink = hot(burn_sink | 1); /* MAIN */
    } while (burn_thread_ns() < end);
    return 0;
}
