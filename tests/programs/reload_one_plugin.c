/* One of two libraries reload.c loads in turn: same entry, other frames. */
#include "burn.h"

BURN_FUNCTION(one_works)

double reload_run(int depth, double seconds);

__attribute__((noinline)) double reload_run(int depth, double seconds)
{
    volatile char room[48] = {0};
    if (depth > 0)
        return reload_run(depth - 1, seconds) + room[depth];
    one_works(seconds);
    return 1;
}
