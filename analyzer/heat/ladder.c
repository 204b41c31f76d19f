/*
 * Sizes within memory. Its own file between matrix.c, which knows what a size takes, and room.c,
 * which knows what there is.
 */
#include "analyzer/heat/ladder.h"
#include "analyzer/heat/matrix.h"
#include "analyzer/util/units.h"

#include <string.h>

int ladder_init(struct ladder *ladder, unsigned size, uint64_t memory, unsigned *workers,
                struct problem *problem)
{
    static const unsigned sizes[LADDER_STEPS] = {200, 500, 1000, 1500};

    memset(ladder, 0, sizeof(*ladder));
    memcpy(ladder->sizes, sizes, sizeof(sizes));
    ladder->count = LADDER_STEPS;
    if (size > 0) {
        ladder->sizes[0] = size;
        ladder->count = 1;
    }
    ladder->room = room_look("");
    ladder->asked = memory > 0;
    ladder->cap = memory > 0 ? memory : room_usable(&ladder->room);
    uint64_t least = matrix_bytes(ladder->sizes[0]);
    if (ladder->cap > 0 && least > ladder->cap)
        return problem_set(problem, PROBLEM_SYSTEM,
                           "matrices of %u x %u take %s, and no more than %s is to be used: choose "
                           "a smaller --size or a larger --memory",
                           ladder->sizes[0], ladder->sizes[0], units_bytes((int64_t)least).text,
                           units_bytes((int64_t)ladder->cap).text);
    while (ladder->cap > 0 && least * *workers > ladder->cap)
        --*workers;
    return 0;
}

unsigned ladder_fitting(const struct ladder *ladder, unsigned step, unsigned workers)
{
    if (step >= ladder->count)
        step = ladder->count - 1;
    for (; step > 0 && ladder->cap > 0; step--)
        if (matrix_bytes(ladder->sizes[step]) * workers <= ladder->cap)
            break;
    return step;
}

void ladder_look(struct ladder *ladder, unsigned step, unsigned workers)
{
    ladder->room = room_look("");
    if (!ladder->asked && step > 0 && room_is_short(&ladder->room))
        ladder->cap = matrix_bytes(ladder->sizes[step - 1]) * workers;
}
