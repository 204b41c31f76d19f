/*
 * Throws and catches for SECONDS of CPU time and prints throws per second.
 *
 *     throw SECONDS
 */
#include "throw_loop.h"

#include <cstdio>
#include <cstdlib>

int main(int argc, char **argv)
{
    printf("%.0f\n", throws_per_second(argc > 1 ? atof(argv[1]) : 1));
    return 0;
}
