/*
 * Known shares: four threads spend known, different parts of their time in work_a ..
 * work_d, chosen slice by slice. Shared by the program that checks profiles and the one
 * that compares profilers.
 */
#ifndef TESTS_SPLIT_H
#define TESTS_SPLIT_H

#include "burn.h"

enum { SPLIT_THREADS = 4, SPLIT_FUNCTIONS = 4 };

/* Shares in percent of each function, per thread. */
static const int split_shares[SPLIT_THREADS][SPLIT_FUNCTIONS] = {
    {50, 25, 15, 10},
    {10, 20, 30, 40},
    {10, 60, 10, 20},
    {25, 15, 50, 10},
};

#define SPLIT_WORK(name, factor, shift)                             \
    static __attribute__((noinline)) uint64_t name(uint64_t rounds) \
    {                                                               \
        uint64_t value = rounds | 1;                                \
        for (uint64_t i = 0; i < rounds; i++)                       \
            value = value * factor + (value >> shift);              \
        return value;                                               \
    }
SPLIT_WORK(work_a, 6364136223846793005u, 29)
SPLIT_WORK(work_b, 2862933555777941757u, 31)
SPLIT_WORK(work_c, 3202034522624059733u, 27)
SPLIT_WORK(work_d, 3935559000370003845u, 33)

static uint64_t (*const split_work[SPLIT_FUNCTIONS])(uint64_t) = {work_a, work_b, work_c, work_d};

/* What the seed of thread `index` begins with. */
static inline uint64_t split_seed(int index)
{
    return 0x9E3779B97F4A7C15u * (uint64_t)(index + 1);
}

static inline uint64_t split_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 11;
}

/* The function of a thread's next slice. */
static inline int split_choose(int index, uint64_t *seed)
{
    int dice = (int)(split_random(seed) % 100), function = 0;
    while (dice >= split_shares[index][function])
        dice -= split_shares[index][function++];
    return function;
}

#endif
