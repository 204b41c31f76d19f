/*
 * Throws and catches for SECONDS of CPU time and prints throws per second.
 *
 *     throw SECONDS
 *     throw count N        throws N times and prints how many were caught
 *     throw each SECONDS   the first again for every line on standard input
 */
#include "throw_loop.h"
#include "throw_on_demand.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "count") == 0)
        return printf("%lu\n", throw_times(strtoul(argv[2], nullptr, 10))) < 0;
    if (argc == 3 && strcmp(argv[1], "each") == 0)
        return throw_on_demand(throws_per_second, atof(argv[2]));
    printf("%.0f\n", throws_per_second(argc > 1 ? atof(argv[1]) : 1));
    return 0;
}
