/*
 * Counters as metrics of an HTML document: all there are, the program's and the hardware's.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_REPORTS_HTML_COUNTERS_H
#define PROFINJECT_REPORTS_HTML_COUNTERS_H

#include "analyzer/reports/html_document.h"

/* Entries of the profile, and one, all 0, for each place a counter alone was charged to: the
 * document needs them. Release with entries_release(). */
void html_counters_places(struct entries *entries, const struct profile *profile);

/* A metric and a column for each counter. `profile` has those entries, `entry_of` is that of
 * html_tree_fill(). */
void html_counters_fill(struct html_document *document, const struct profile *profile,
                        const uint32_t *entry_of);

#endif
