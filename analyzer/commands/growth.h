/*
 * `diff --fail-above PERCENT`: did it grow by more? For exit statuses of builds, so that what
 * counts is written down here and nowhere else.
 *
 * - The total, per recording, grew by more than PERCENT, and the 95 % interval of its growth lies
 *   above 0. With one recording a side nothing is known of how much runs differ: then it counts as
 *   it is, and the text says so.
 * - Or a function's own value (self) per recording did, by GROWTH_MATTERS of the total at least,
 *   and so surely that chance makes one such among all functions in one of 100 comparisons. With
 *   one recording a side that is said of its share, which must have grown, too.
 *
 * Values, never shares: one function made faster raises the shares of all others.
 */
#ifndef PROFINJECT_COMMANDS_GROWTH_H
#define PROFINJECT_COMMANDS_GROWTH_H

#include "analyzer/model/diff_functions.h"

#define GROWTH_MATTERS 0.005
#define GROWTH_CHANCE 0.01

/* One line that says what did; free(). NULL: nothing. */
char *growth_above(const struct diff *diff, const struct diff_functions *functions, double percent);

#endif
