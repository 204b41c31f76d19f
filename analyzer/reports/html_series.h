/*
 * The timelines of an HTML document: processors in use and threads that wait, from samples;
 * memory, from what the profile knows of each process over time.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_REPORTS_HTML_SERIES_H
#define PROFINJECT_REPORTS_HTML_SERIES_H

#include "analyzer/reports/html_document.h"
#include "analyzer/reports/html_spread.h"

/* `labels` are the document's. Times are from `origin_ns` on. */
void html_series_fill(struct html_document *document, const struct profile *profile,
                      const struct labels *labels, struct html_axis axis, uint64_t origin_ns);

#endif
