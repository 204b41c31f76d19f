/*
 * Throws and catches for SECONDS of CPU time and prints throws per second.
 *
 *     throw SECONDS
 *     throw count N        throws N times and prints how many were caught
 */
#include "throw_loop.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "count") == 0)
        return printf("%lu\n", throw_times(strtoul(argv[2], nullptr, 10))) < 0;
    printf("%.0f\n", throws_per_second(argc > 1 ? atof(argv[1]) : 1));
    return 0;
}
