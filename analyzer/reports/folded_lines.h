/*
 * Folded lines of a tree, sorted by bytes: `root;...;leaf VALUE`. Stateless.
 */
#ifndef PROFINJECT_REPORTS_FOLDED_LINES_H
#define PROFINJECT_REPORTS_FOLDED_LINES_H

#include "analyzer/model/call_tree.h"

#include <stdio.h>

/* `before`, of the same nodes, puts its value first on each line (`stack BEFORE AFTER`); NULL: one
 * value. Lines are of nodes of which one is not 0. */
void folded_lines_write(const struct call_tree *tree, const struct call_tree *before,
                        const struct labels *labels, FILE *out);

#endif
