/*
 * How much more a function's samples scatter over time than by chance: what a program does by
 * turns or in bursts, and what else runs on the machine, make neighbours alike and sums less sure.
 * Plain values; no state.
 */
#ifndef PROFINJECT_MODEL_SCATTER_H
#define PROFINJECT_MODEL_SCATTER_H

#include <stddef.h>

#define SCATTER_PARTS 32u /* of a run, of equal CPU time */

/* Of each part of a run: how much was sampled in it, and the sum of its samples' squares. */
struct scatter_run {
    double length[SCATTER_PARTS], squares[SCATTER_PARTS];
};

/*
 * The variance of a function's share between parts that follow each other, as a multiple of what
 * independent samples would give; 1 where it is not clearly more. `time`: how much of each part was the function's.
 */
double scatter_of(const struct scatter_run *run, const double *time);

#endif
