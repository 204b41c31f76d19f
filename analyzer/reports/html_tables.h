/*
 * The tables of an HTML document, from the models the text report reads: heap by function, threads,
 * processes, waits, locks, input and output, regions, counters. Those that would be empty are left
 * out.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_REPORTS_HTML_TABLES_H
#define PROFINJECT_REPORTS_HTML_TABLES_H

#include "analyzer/reports/html_document.h"

void html_tables_fill(struct html_document *document, const struct profile *profile);

/* Those of one kind, for html_tables_fill(). */
void html_tables_waits(struct html_document *document, const struct profile *profile);

#endif
