/*
 * How strongly two series go together, and how much that is worth: both change slowly, so that
 * neighbouring cells tell the same twice. Plain functions over values that are all known; no state.
 */
#ifndef PROFINJECT_INSIGHT_CORRELATION_H
#define PROFINJECT_INSIGHT_CORRELATION_H

#include <stddef.h>

/* Of the values, and of their ranks (those that are equal share the mean of theirs). NAN where one of
 * the two is constant, or there are fewer than 2. */
double correlation_pearson(const double *x, const double *y, size_t count);
double correlation_spearman(const double *x, const double *y, size_t count);

/* Fisher's z of a correlation, which is nearly normal; of 1 and -1 a large number, and no infinite one. */
double correlation_fisher(double strength);

/* So many independent pairs tell as much of a correlation, by how each resembles itself a while later
 * (Bartlett 1935; Pyper and Peterman, Can. J. Fish. Aquat. Sci. 55, 1998): 2 to count. */
double correlation_effective(const double *x, const double *y, size_t count);

/* How many times the series rose more than half of the way from its mean to the mean of what is above
 * it; or, where it is high for most of the time, fell so far: few such times prove nothing. */
size_t correlation_bursts(const double *x, size_t count);

#endif
