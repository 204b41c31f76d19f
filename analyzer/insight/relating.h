/*
 * Everything of a profile that goes together: resources with each other, and with what functions did.
 * The order of the steps, and what is tested together; each step is a module.
 *
 * Pairs of a series and a function are one family of tests, pairs of series another, and the named
 * ones a third: of each at most 5 % of what is called significant is so by chance.
 *
 * Cost: series * functions * cells, each bounded (followed_series.h, activities.h).
 */
#ifndef PROFINJECT_INSIGHT_RELATING_H
#define PROFINJECT_INSIGHT_RELATING_H

#include "analyzer/model/relations.h"

/* relations_release() frees it. The profile has samples and allocations, where functions are to be
 * looked at. */
void relations_init(struct relations *relations, const struct profile *profile);

#endif
