/*
 * What entries of an HTML document did over time: samples summed up in slices of time, as short as
 * a bound of rows allows, so that a page of an hour opens as fast as one of a second.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_REPORTS_HTML_SLICES_H
#define PROFINJECT_REPORTS_HTML_SLICES_H

#include "analyzer/reports/html_document.h"

#define HTML_SLICES 2000          /* of time, at most */
#define HTML_SLICE_ROWS 500000u   /* of all slices, at most: what each entry did in each of them */
#define HTML_SLICE_LEAST 1000000u /* ns */

/* The document's time axis on the clock of the profile. */
struct html_axis {
    uint64_t start_ns, end_ns; /* equal: there is nothing to show */
};

/* Fills the document's slices from profile->samples; none where there are none. A sample's time
 * lies before it, as long as it stands for; off the processor it is spread over its span.
 * `entry_of` is that of html_tree_fill(). */
void html_slices_fill(struct html_document *document, const struct profile *profile,
                      const uint32_t *entry_of, struct html_axis axis);

#endif
