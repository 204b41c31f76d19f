/*
 * The loop both exception tests measure: throws through a few frames and
 * catches, for some seconds (throws per second are returned) or some times. A header, because a
 * main program and a plugin each need a copy of their own.
 */
#ifndef TESTS_THROW_LOOP_H
#define TESTS_THROW_LOOP_H

#include "burn.h"

#include <stdexcept>

struct ThrowLoopGuard {
    volatile int *left;
    ~ThrowLoopGuard()
    {
        ++*left;
    }
};

__attribute__((noinline)) static void throw_below(int depth, volatile int *left)
{
    ThrowLoopGuard guard{left};
    if (depth == 0)
        throw std::runtime_error("expected");
    throw_below(depth - 1, left);
}

static inline unsigned long throw_times(unsigned long count)
{
    volatile int left = 0;
    unsigned long caught = 0;
    for (unsigned long i = 0; i < count; i++) {
        try {
            throw_below(4, &left);
        } catch (const std::runtime_error &) {
            caught++;
        }
    }
    return caught;
}

static inline double throws_per_second(double seconds)
{
    volatile int left = 0;
    uint64_t count = 0, start = burn_thread_ns(), now = start;
    uint64_t end = start + (uint64_t)(seconds * 1e9);
    while (now < end) {
        for (int i = 0; i < 1000; i++) {
            try {
                throw_below(4, &left);
            } catch (const std::runtime_error &) {
                count++;
            }
        }
        now = burn_thread_ns();
    }
    return (double)count * 1e9 / (double)(now - start);
}

#endif
