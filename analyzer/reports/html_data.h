/*
 * The HTML document about one profile. (About two: who compares them fills a document of his own,
 * see html_document.h.)
 *
 * Not thread-safe. The profile must outlive it.
 */
#ifndef PROFINJECT_REPORTS_HTML_DATA_H
#define PROFINJECT_REPORTS_HTML_DATA_H

#include "analyzer/reports/html_document.h"

struct report_options;

struct html_data {
    struct html_document document;
    struct labels labels; /* the document's */
};

/* What `options` says was found out about the profile is told as well. `root`: what the first frame of
 * every stack tells. Without profile->samples nothing is told over time. */
void html_data_init(struct html_data *data, const struct profile *profile,
                    const struct report_options *options, enum label_root root);
void html_data_release(struct html_data *data);

/* The facts alone, for the document's header: whose they are does not matter. */
void html_data_facts(struct html_document *document, const struct profile *profile,
                     const struct judgement *judgement);

#endif
