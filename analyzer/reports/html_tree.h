/*
 * The calling tree of an HTML document, and what threads did in it: all metrics at once, threads
 * and regions apart, so that the page can filter.
 *
 * Not thread-safe. Results are the caller's: free().
 */
#ifndef PROFINJECT_REPORTS_HTML_TREE_H
#define PROFINJECT_REPORTS_HTML_TREE_H

#include "analyzer/reports/html_document.h"

/* Nodes in any order with parents before children, [0] the root: their numbers in preorder,
 * children in the order given. */
uint32_t *html_tree_preorder(const uint32_t *parent, size_t count);

/* Fills the document's nodes and entries of `profile`, without columns. Returns the number of the
 * document's entry for each of the profile's: several of these may be one, where stacks differ in
 * addresses alone. */
uint32_t *html_tree_fill(struct html_document *document, const struct profile *profile,
                         const struct labels *labels);

/* A column with the sums of a metric. */
void html_tree_metric(struct html_document *document, const struct profile *profile,
                      const uint32_t *entry_of, enum metric metric);

#endif
