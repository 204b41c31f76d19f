/*
 * Which functions changed between two sides of runs, and what is noise.
 *
 * Several runs on a side: how much they differ is what chance does. Of few runs that is badly
 * known, of all functions together well: each function's variance is drawn towards what sampling
 * alone would give, times what all have over it, as far as functions agree on that (Smyth, Stat.
 * Appl. Genet. Mol. Biol. 3, 2004). Intervals have their shape from the bootstrap over runs and
 * their width from Student's t. One run on each side: the error of sampling alone, times what a
 * function's samples scatter over time more than they should.
 *
 * Of many functions some differ by chance: those called significant are chosen so that at most
 * 5 % of them do (Benjamini and Hochberg, J. R. Stat. Soc. B 57, 1995), and that where nothing
 * changed 95 of 100 comparisons call none so. One whose interval, widened by the bootstrap, holds 0
 * is not significant. Only figures that could be significant by themselves are drawn again, which
 * takes 0.07 ms each: the others' intervals hold 0 as they are.
 *
 * Read only once made; owns its items.
 */
#ifndef PROFINJECT_INSIGHT_CHANGES_H
#define PROFINJECT_INSIGHT_CHANGES_H

#include "analyzer/model/diff_changes.h"
#include "analyzer/model/diff_functions.h"

void changes_init(struct diff_changes *changes, const struct diff *diff,
                  const struct diff_functions *functions, bool absolute);
void changes_release(struct diff_changes *changes);

#endif
