/*
 * What goes with what in an HTML document: series of resources with each other, and functions that
 * explain them, as insight found it (model/relations.h), with the page's own numbers of both.
 *
 * Not thread-safe. The relations must outlive the document.
 */
#ifndef PROFINJECT_REPORTS_HTML_RELATIONS_H
#define PROFINJECT_REPORTS_HTML_RELATIONS_H

#include "analyzer/util/json.h"

#include <stddef.h>
#include <stdint.h>

struct html_document;
struct labels;
struct profile;
struct relations;

/* Zeroed: nobody looked. */
struct html_relations {
    const struct relations *found;
    const struct labels *labels;
    const char **whose; /* of each series, NULL: the machine's; free() */
    int64_t *resource;  /* the series of the document's resources it is shown in, -1: none */
    int64_t *activity;  /* of each label: what activity its mark is of, -1: none */
};

/* After html_resources_fill(). */
void html_relations_fill(struct html_document *document, const struct profile *profile,
                         const struct relations *found, const struct labels *labels);
void html_relations_release(struct html_relations *relations);

/* The member "relations" of the document. */
void html_relations_write(struct json *json, const struct html_relations *relations);

#endif
