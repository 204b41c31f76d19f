/*
 * What each function spent in each run of a comparison, self and total, with the error of
 * sampling: the table that changes are judged by.
 *
 * Read only once made; owns its memory: 48 bytes per function and run, and while it is made 512 per function.
 */
#ifndef PROFINJECT_MODEL_DIFF_FUNCTIONS_H
#define PROFINJECT_MODEL_DIFF_FUNCTIONS_H

#include "analyzer/model/diff.h"
#include "analyzer/model/labels.h"

struct diff_cell {
    double value;
    double variance; /* as in struct diff */
    double scatter;  /* so many times more it scatters over time than by chance; 0: not known */
};

struct diff_functions {
    struct labels labels; /* LABEL_BY_FUNCTION */
    size_t count, runs;
    struct diff_cell *self, *total; /* [function * runs + run] */
};

void diff_functions_init(struct diff_functions *functions, const struct diff *diff);
void diff_functions_release(struct diff_functions *functions);

#endif
