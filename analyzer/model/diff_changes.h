/*
 * What changed between two sides of runs, and how sure that is: made by insight/changes.c, shown
 * by reports. Plain data; no state.
 */
#ifndef PROFINJECT_MODEL_DIFF_CHANGES_H
#define PROFINJECT_MODEL_DIFF_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One figure on both sides. Means of the runs: shares of their totals (0 to 1), or of values. */
struct change {
    double before, after;
    bool known;       /* what chance does to it is: low, high, error, p mean something */
    double error;     /* standard error of the difference */
    double low, high; /* of the difference, 95 % */
    double p;         /* of a difference like it or larger, were there none */
    bool tested;      /* there was enough of it to tell */
    bool significant; /* chance makes one such among all tested in 5 of 100 comparisons */
};

struct function_change {
    uint32_t function; /* its label */
    struct change self, total;
};

struct diff_changes {
    bool absolute;       /* values per run; otherwise shares of the total */
    bool from_runs;      /* errors are from several runs; otherwise of sampling alone */
    bool judged;         /* errors are known at all */
    struct change whole; /* total of the metric per run, absolute whatever the others are */
    /* Largest difference of self first. */
    struct function_change *items;
    size_t count;
    size_t tested;      /* of them: self or total was */
    size_t significant; /* likewise */

    /* What would have been seen in 4 of 5 comparisons: `detectable` of the self value of the function
     * with the most, a label; 0: not known. */
    double detectable;
    uint32_t largest;
};

static inline double change_difference(const struct change *change)
{
    return change->after - change->before;
}

#endif
