/*
 * All rules of a function in one reading of its unwind instructions: a walk that comes
 * to a place it does not know goes on to know the places around it.
 *
 * Follows what rules need of a row, CFA, frame pointer and return address, and leaves
 * the rest (expressions, signal frames, damage) to cfi.h. Signal-safe; no state.
 */
#ifndef PROFINJECT_RULE_ROWS_H
#define PROFINJECT_RULE_ROWS_H

#include "preload/cfi_entry.h"
#include "preload/unwind_rules.h"

/* Told of the rule that holds for pcs [start, end). */
typedef void rule_row_visitor(void *context, uint64_t start, uint64_t end, unwind_rule rule);

/*
 * Visits rows of `entry`, in order, that meet [from, to). Those for which only cfi.h
 * knows the rule are left out.
 */
void rule_rows_visit_sigsafe(const struct cfi_entry *entry, uint64_t from, uint64_t to,
                             rule_row_visitor *visit_sigsafe, void *context);

#endif
