/*
 * The sizes of matrices there are to choose from, and how many of them memory allows. One thread at
 * a time; owns nothing.
 */
#ifndef PROFINJECT_HEAT_LADDER_H
#define PROFINJECT_HEAT_LADDER_H

#include "analyzer/heat/room.h"
#include "analyzer/util/problem.h"

#define LADDER_STEPS 4

struct ladder {
    unsigned sizes[LADDER_STEPS], count;
    uint64_t cap; /* bytes for all matrices together, 0: not limited */
    struct room room;
    bool asked; /* the cap is the user's: nothing is given back on the way */
};

/* `size`: the only step, 0: 200, 500, 1000, 1500. `memory`: the cap, 0: half of what is left.
 * Takes workers from `*workers` until the smallest size fits; a problem when it fits nobody. */
int ladder_init(struct ladder *ladder, unsigned size, uint64_t memory, unsigned *workers,
                struct problem *problem);

/* The largest step, up to `step`, that `workers` have room for. */
unsigned ladder_fitting(const struct ladder *ladder, unsigned step, unsigned workers);

/* Looks at the machine's memory again; where it is short, what is in use now (`step`, `workers`) is
 * too much from now on. */
void ladder_look(struct ladder *ladder, unsigned step, unsigned workers);

#endif
