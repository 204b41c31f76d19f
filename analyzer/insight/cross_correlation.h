/*
 * Whether one series goes with another, perhaps some time later, and whether chance does as much.
 *
 * Both are cells of one grid; the second may have gaps (NAN), the first has none: what a function did
 * is known to be nothing where it did nothing. Chance is asked by turning one series against the other
 * by more than any lag: each keeps its own rhythm, what they have to do with each other is gone
 * (circular shifts). How often a shifted pair does as well is counted; where none does, the shifted
 * correlations, as Fisher's z, say how far out the true one is, by Student's t with as many degrees
 * of freedom as there are independent shifts. Of several lags the best is taken, which chance does
 * too: the smallest p counts as often as there are independent lags.
 *
 * No state; everything is worked out anew from the arguments.
 */
#ifndef PROFINJECT_INSIGHT_CROSS_CORRELATION_H
#define PROFINJECT_INSIGHT_CROSS_CORRELATION_H

#include <stdbool.h>
#include <stddef.h>

/* A series made ready: less its mean, 0 where not known. Owns its array. */
struct centred {
    double *values;
    bool *known; /* NULL: all */
    double squares;
    size_t count, known_count;
};

void centred_init(struct centred *centred, const double *cells, size_t count);
void centred_release(struct centred *centred);

/* What is asked. */
struct cross_question {
    int least, most; /* lags, cells: the second follows the first by so many */
    int sign;        /* 1: they rise together; -1: one falls; 0: either */
};

struct cross_answer {
    int lag;
    double strength; /* correlation there, with its sign; NAN: one of the two is constant */
    double fine_lag; /* cells: where the parabola through its neighbours is highest */
    double p;
};

/* The best lag alone; p is NAN. */
struct cross_answer cross_correlation_best(const struct centred *first,
                                           const struct centred *second,
                                           const struct cross_question *question);

/* p of an answer, `effective` as of correlation_effective(); 1 when too few shifts are there. */
double cross_correlation_chance(const struct centred *first, const struct centred *second,
                                const struct cross_question *question,
                                const struct cross_answer *answer, double effective);

#endif
