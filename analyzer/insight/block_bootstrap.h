/*
 * Intervals of a correlation and its lag, by drawing stretches of time again (moving blocks: Künsch,
 * Ann. Stat. 17, 1989): cells that follow each other stay together, so that what is drawn is as
 * slow as what is known. The generator begins with the same number: same figures, same result.
 */
#ifndef PROFINJECT_INSIGHT_BLOCK_BOOTSTRAP_H
#define PROFINJECT_INSIGHT_BLOCK_BOOTSTRAP_H

#include <stddef.h>

struct block_question {
    const double *x, *y; /* cells; y may have gaps (NAN) */
    size_t count;
    int lag;          /* the best; y follows x by so many cells */
    int least, most;  /* lags that might be better in what is drawn */
    double strength;  /* at that lag */
    double effective; /* as of correlation_effective() */
};

struct block_answer {
    double low, high;         /* 95 % of the correlation */
    double lag_low, lag_high; /* likewise, cells */
};

struct block_answer block_bootstrap(const struct block_question *question);

#endif
