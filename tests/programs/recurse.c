/*
 * Known answer for depth: burns CPU at the bottom of a recursion.
 *
 *     recurse DEPTH SECONDS
 */
#include "burn.h"

#include <stdlib.h>

BURN_FUNCTION(burn_leaf)

/* The counting after the call keeps it from becoming a loop. */
static volatile int returned;

static __attribute__((noinline)) void descend(int depth, double seconds)
{
    if (depth > 1)
        descend(depth - 1, seconds);
    else
        burn_leaf(seconds);
    returned++;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    descend(atoi(argv[1]), atof(argv[2]));
    return 0;
}
