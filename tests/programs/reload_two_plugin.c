/*
 * The other library of reload.c. What lies at the same offsets has frames of
 * another size, so that rules kept from the first one would lead astray.
 */
#include "burn.h"

double reload_run(int depth, double seconds);

__attribute__((noinline)) static double two_descends(int depth, double seconds, double more)
{
    volatile char room[1000] = {0};
    volatile double kept = more * depth;
    if (depth > 0)
        return two_descends(depth - 1, seconds, kept) + room[depth] + kept;
    uint64_t end = burn_thread_ns() + (uint64_t)(seconds * 1e9);
    while (burn_thread_ns() < end)
        for (int i = 0; i < 20000; i++)
            burn_sink += (uint64_t)i;
    return kept;
}

__attribute__((noinline)) double reload_run(int depth, double seconds)
{
    return two_descends(depth / 2, seconds, seconds);
}
