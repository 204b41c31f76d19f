/*
 * How much more samples scatter over time than by chance: what else runs on the machine, and
 * what a program does by turns, makes neighbours alike, and sums of them less sure. Stateless.
 */
#ifndef PROFINJECT_MODEL_SCATTER_H
#define PROFINJECT_MODEL_SCATTER_H

#include "analyzer/model/profile.h"

/*
 * The variance of functions' shares of CPU time between parts of the run that follow each other,
 * as a multiple of what independent samples would give; 1 or more. Takes profile->samples; without
 * them, or with too few, 1.
 */
double scatter_of(const struct profile *profile);

#endif
