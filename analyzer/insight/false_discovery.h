/*
 * Of many tests some succeed by chance: how many of those called significant do (Benjamini and
 * Hochberg, J. R. Stat. Soc. B 57, 1995). Plain function; no state.
 */
#ifndef PROFINJECT_INSIGHT_FALSE_DISCOVERY_H
#define PROFINJECT_INSIGHT_FALSE_DISCOVERY_H

#include <stddef.h>

/*
 * To each p of `count` tests its q: those with q <= 0.05 are the most that can be called significant
 * so that at most 5 % of them are so by chance. q is never below p, and falls with it. NAN counts
 * as 1.
 */
void false_discovery(const double *p, size_t count, double *q);

#endif
