/*
 * The bootstrap over runs (Efron, 1979): how far a difference of two means would be off, had other
 * runs been made, as seen by drawing runs again from those there are.
 *
 * Deterministic: the same figures give the same result. No state.
 */
#ifndef PROFINJECT_INSIGHT_BOOTSTRAP_H
#define PROFINJECT_INSIGHT_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

/* One side's figures, one of each run. */
struct bootstrap_side {
    const double *values;
    size_t count;
};

struct bootstrap_quantiles {
    double low, high;
};

/* What every drawing begins with, and its next number, below 2^32: xorshift64* (Vigna, 2016). */
#define BOOTSTRAP_SEED 88172645463325252u
uint64_t bootstrap_draw(uint64_t *state);

/* For qsort(): doubles, rising. */
int bootstrap_compare(const void *a, const void *b);

/*
 * The quantiles at 2.5 and 97.5 % of the difference of the means, after minus before, of runs
 * drawn with replacement from each side: measured from the difference there is, in standard
 * deviations of those drawn (many figures: about -1.96 and 1.96).
 *
 * In deviations, because few runs drawn again lie too close together: of three, sqrt(2/3) of what
 * they should, which is only known from three besides. Whoever wants an interval multiplies by the
 * standard error and by what Student's t has over the normal distribution.
 */
struct bootstrap_quantiles bootstrap_difference(struct bootstrap_side before,
                                                struct bootstrap_side after);

#endif
