/*
 * Series of chance for tests of statistics: slow ones, and those that are switched on and off. Every
 * test begins with the same numbers. Header only: every unit test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_SERIES_MAKER_H
#define PROFINJECT_TESTS_SERIES_MAKER_H

#include "tests/unit/randomness.h"

#include <math.h>
#include <stddef.h>

/* 0 to 1, neither included. */
static inline double series_uniform(void)
{
    return (random_below(0x7fffffff) + 1.0) / 0x80000001;
}

/* Normal, of variance 1 (Box and Muller). */
static inline double series_normal(void)
{
    return sqrt(-2 * log(series_uniform())) * cos(2 * M_PI * series_uniform());
}

/* x[t] = share * x[t - 1] + noise; variance 1. */
static inline void series_wander(double share, double *x, size_t count)
{
    double value = series_normal(), noise = sqrt(1 - share * share);

    for (size_t i = 0; i < count; i++) {
        x[i] = value;
        value = share * value + noise * series_normal();
    }
}

/* On and off, `least` to `most` cells each, with some noise. */
static inline void series_switch(size_t least, size_t most, double noise, double *x, size_t count)
{
    size_t left = 0;
    double on = random_below(2);

    for (size_t i = 0; i < count; i++) {
        if (left == 0) {
            on = 1 - on;
            left = least + random_below((uint32_t)(most - least + 1));
        }
        left--;
        x[i] = fmax(0, on + noise * series_normal());
    }
}

#endif
