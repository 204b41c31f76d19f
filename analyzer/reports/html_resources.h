/*
 * Resources in an HTML document: series over cells of equal width, no more of them than a screen
 * shows, whatever the recording's length, with the least and most of each so that no peak is lost.
 *
 * Of more than HTML_FAMILY of one kind (processors, threads) the document has one series about all,
 * and each on fewer cells. Not thread-safe.
 */
#ifndef PROFINJECT_REPORTS_HTML_RESOURCES_H
#define PROFINJECT_REPORTS_HTML_RESOURCES_H

#include "analyzer/reports/html_spread.h"
#include "analyzer/util/json.h"

struct html_document;
struct profile;

#define HTML_FAMILY 8          /* so many of one kind are told like any other */
#define HTML_CELLS 600         /* of the time axis, at most */
#define HTML_EVERY 4           /* cells of it are one of a member of a larger family */
#define HTML_THREADS 32        /* of which resources are told, at most: those that ran longest */
#define HTML_PROCESSES 16      /* likewise */
#define HTML_PROCESS_PART 0.01 /* and at least so much of what the first ran */

struct html_resource {
    const char *name, *subject, *whose, *unit, *group, *about, *reason; /* or NULL */
    const char *scope;
    int64_t process, thread;      /* numbers of the document; -1: of no single one */
    size_t of;                    /* members it is about; 0: it is about one */
    size_t every;                 /* cells of the axis a value is the mean of */
    double *value, *least, *most; /* not finite: unknown; the last two NULL: as the first */
    size_t count;                 /* of values; 0: there are none, and `reason` says why */
    double mean, low, high;       /* of the whole axis */
};

/* Zeroed: there are none. */
struct html_resources {
    double start_s, cell_s;
    size_t cells;
    size_t left_out; /* threads and processes that are not told */
    struct html_resource *series;
    size_t count, capacity;
};

/* By group, then as the catalogue has them. The profile must outlive the document. */
void html_resources_fill(struct html_document *document, const struct profile *profile,
                         struct html_axis axis, uint64_t origin_ns);
void html_resources_release(struct html_resources *resources);

/* The member "resources" of the document. */
void html_resources_write(struct json *json, const struct html_resources *resources);

#endif
