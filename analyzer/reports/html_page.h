/*
 * The HTML report's page: one file that loads nothing. Stateless.
 */
#ifndef PROFINJECT_REPORTS_HTML_PAGE_H
#define PROFINJECT_REPORTS_HTML_PAGE_H

#include "analyzer/reports/html_document.h"

/* Failures show in ferror(out). */
void html_page_write(const struct html_document *document, FILE *out);

#endif
