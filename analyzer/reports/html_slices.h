/*
 * What entries of an HTML document did over time: samples summed up in slices of time, as short as
 * a bound of rows allows, so that a page of an hour opens as fast as one of a second.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_REPORTS_HTML_SLICES_H
#define PROFINJECT_REPORTS_HTML_SLICES_H

#include "analyzer/reports/html_document.h"
#include "analyzer/reports/html_spread.h"

/* Rows, what each entry did in each slice, are so many at most, unless slices were then fewer than
 * HTML_SLICES_LEAST: up to HTML_SLICE_ROWS_MOST. */
#define HTML_SLICE_ROWS 500000u
#define HTML_SLICES_LEAST 250
#define HTML_SLICE_ROWS_MOST 1500000u

/* Fills the document's slices from profile->samples; none where there are none. `entry_of` is that
 * of html_tree_fill(). */
void html_slices_fill(struct html_document *document, const struct profile *profile,
                      const uint32_t *entry_of, struct html_axis axis);

#endif
