/*
 * Burns SECONDS of CPU time in one function, prints nothing, ends with STATUS.
 *
 *     spin SECONDS [STATUS]
 */
#include "burn.h"

#include <stdlib.h>

BURN_FUNCTION(spin_here)

int main(int argc, char **argv)
{
    spin_here(argc > 1 ? atof(argv[1]) : 1);
    return argc > 2 ? atoi(argv[2]) : 0;
}
