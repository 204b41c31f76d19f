/*
 * Measuring on demand: lets a test alternate between two programs that both run, so
 * that what else the machine does meets both alike. Included by C and C++.
 */
#ifndef TESTS_THROW_ON_DEMAND_H
#define TESTS_THROW_ON_DEMAND_H

#include <stdio.h>

/* For every line on standard input prints what `run` has for `seconds`. Returns 0. */
static inline int throw_on_demand(double (*run)(double), double seconds)
{
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        printf("%.0f\n", run(seconds));
        fflush(stdout);
    }
    return 0;
}

#endif
