/*
 * Which functions go with a series: those that are specific to it.
 *
 * The rule. Every function of enough weight is related to the series, by each activity that may cause
 * it (resource_traits.h). main() contains everything, and memset() or write() are only the tools: so
 * functions of the libraries that programs are built on are set aside (unless there are no others),
 * and of those that are left the strongest is taken; from there the way goes down to the innermost
 * function below it whose series is as strong, but for CAUSES_ALIKE. What contains that
 * function, or is contained in it, is it again, and is not named a second time; from the rest the
 * next is chosen.
 *
 * No state but what the caller keeps.
 */
#ifndef PROFINJECT_INSIGHT_CAUSES_H
#define PROFINJECT_INSIGHT_CAUSES_H

#include "analyzer/insight/activities.h"
#include "analyzer/insight/followed_series.h"

#define CAUSES_ALIKE 0.03 /* of correlation: so much two nested functions differ by chance */
#define CAUSES_INSIDE 0.8 /* of what a function did: below another one it is that one's part */

/* All activities of a scope against one series: `tests[i]` of item i. */
struct cause_tests {
    const struct followed *followed;
    const struct activities *activities;
    struct cross_question question;
    struct relation *tests; /* NAN strength: not asked */
};

void cause_tests_init(struct cause_tests *tests, const struct followed *followed,
                      const struct activities *activities, const struct relations_grid *grid);
void cause_tests_release(struct cause_tests *tests);

/* Once q of all tests is known: chooses, and fills series->causes. */
void causes_choose(const struct cause_tests *tests, const struct relations_grid *grid,
                   struct relation_series *series);

#endif
