/*
 * What the HTML report shows, as plain data, and the JSON the page reads ("profinject-html-1").
 * Whoever has something to show fills a document; html_page.h makes the page of it. Text may be
 * any bytes: what is not UTF-8 becomes U+FFFD when it is written. Never argv: pages are passed
 * around.
 *
 * The page is one file: style, skeleton (analyzer/page/page.html), `<script id="data"
 * type="application/octet-stream">` with base64 of gzip of the JSON, dygraphs, the scripts of
 * analyzer/page. A content security policy in it forbids all requests.
 *
 * The JSON. Columns are arrays of equal length; "delta": differences to the element before, the
 * first to 0. Integers are below 2^53 unless a sum of the recording is not.
 *
 *   { "schema": "profinject-html-1", "generator": "profinject X.Y", "title": "redis-server",
 *     "facts": [["wall time", "61.2 s"], ...], "messages": ["..."],
 *     "why": "lock-bound: ..." | null, "end": "killed by ..." | null, "part": "..." | null,
 *     "start_s": 0, "end_s": 61.2,            the time axis, seconds from the recording's start
 *     "metrics": [{"name": "cpu", "title": "CPU time", "label": "sampled", "unit": "nanoseconds" |
 *         "bytes" | "count", "signed": false, "over_time": true, "total": 123}, ...],
 *         the one to begin with first; over_time: slices tell of it
 *     "processes": [{"comm": "redis-server", "pid": 12}, ...],
 *     "threads": [{"name": "io", "tid": 13, "process": 0}, ...],
 *     "regions": ["", "load/parse"],          paths; the first is outside of all, and always there
 *     "files": ["..."], "modules": ["..."],
 *     "labels": {"name": [...], "file": [index or -1], "line": [0: unknown],
 *         "module": [index or -1], "kind": [0 native, 1 inlined, 2 kernel, 3 no code], "off": [1
 *         of marks that stand below time off the processor]},
 *     "nodes": {"parent": [own number less the parent's], "label": [index]},
 *         the calling tree in preorder; node 0 is the root, whose columns hold 0
 *     "entries": {"node": [delta], "thread": [index], "region": [index],
 *         "values": {"cpu": [...], "alloc-bytes": {"index": [delta], "value": [...]}, ...}},
 *         what a thread did itself in a node, by node; a column of each metric, or where that is
 *         shorter the entries that are not 0
 *     "slices": null | {"width_s": 0.02, "count": 1500, "slice": [delta], "entry": [index],
 *         "cpu": [ns], "off": [ns]},
 *         parts of entries over time: summed over all they are the entries' cpu and offcpu. Slice
 *         i begins at start_s + i * width_s
 *     "series": [{"name": "cpu", "title": "CPU", "unit": "cores", "group": "cpu", "label":
 *         "sampled", "time": [s], "value": [number or null]}, ...],
 *     "resources": null | {"start_s": 0, "cell_s": 0.1, "cells": 600,      a grid over the time axis
 *         "left_out": 3,                  threads and processes that are not told
 *         "series": [{"name": "disk.written", "subject": "sda" | null, "whose": "redis (12)" | null,
 *             "unit": "bytes/s", "group": "Disks", "about": "what it is" | null,
 *             "reason": "why there are no values, or no more" | null,
 *             "scope": "machine" | "process" | "thread", "process": index or -1, "thread": likewise,
 *             "of": 256 members it is about | 0, "every": 4 cells that a value is of,
 *             "mean": 1, "low": 0, "high": 2,        of the whole axis
 *             "value": [number or null: unknown] | null, "least": [...] | null: as value, "most":
 *             likewise}, ...]},
 *         by group; where one is about several, these follow it
 *     "relations": null | {"reason": "why there is nothing" | null, "cell_s": 0.1, so long is
 *         what is compared, "functions": 12 looked at, "tested": 300 pairs of a series and a function, "significant": 7 of them,
 *         "activities": ["CPU time", ...],            what functions do
 *         "marks": [activity of each label that time off the processor ends in, -1 of others],
 *         "named": [{"name": "memory-CPU", "first": "...", "second": "...", "relation": R}, ...],
 *         "series": [{"name", "subject", "whose", "unit": as of resources, "changes": true where
 *             what is added to it is compared, "parts": 4 series it is made of, "resource": index
 *             of resources or -1, "total": 1e9 | null, "reason": "why it goes with nothing" | null,
 *             "causes": [{"label": index, "activity": index, "amount": seconds or bytes, "share":
 *                 0.98 of the total that fell into its time | null, "share_of_time": 0.2 | null,
 *                 "explained": likewise in units | null, "relation": R}, ...]}, ...],
 *         "pairs": {"first": [index], "second": [index], "cells": [n], "reason": [text or null], and
 *             "strength", "lag_s", "low", "high", "q", "significant" (0, 1), null with a reason}},
 *         R: {"reason": "too few moments" | null, "cells": 120} and, without a reason, "effective",
 *         "pearson", "spearman", "lag_s" with "lag_low_s" and "lag_high_s", "strength" with "low"
 *         and "high", "p", "q", "significant"; as in model/relations.h
 *     "judgement": null | {"verdict": "contention", "title": "bound by ...", "text": "why",
 *         "runner_up": "cpu" | null, "least": 0.4, "classes": [{"name": "cpu", "strength": 0.3 |
 *         null: not known, "evidence": "..."}, ...], "scores": [{"name": "cpu", "formula": "...",
 *         "value": 93 | null, "inputs": "..."}, ...], "thread_formula": "...", "threads":
 *         [{"thread": index, "efficiency": 0.9 | null, "cpu": ns, "wall": ns, "idle": ns}, ...]},
 *     "advice": [{"rule": "small-calls", "advice": "...", "finding": "...", "share": 0.2, "labels":
 *         [index, innermost first]}, ...],
 *     "tables": [{"name": "heap", "title": "...", "note": "sampled", "columns": [{"title": "live",
 *         "unit": "bytes" | "nanoseconds" | "count" | "text" | "function" (a
 *         name as labels have)}, ...], "rows":
 *         [[1, 2, "f"], ...]}, ...],         null in a row: unavailable
 *     "diff": null | {"before": "A", "after": "B", "normalised": true, "runs": [3, 3]} }
 *         then each metric M has a column "M:before" as well
 *
 * Not thread-safe. A document owns what it points to, but labels and names that have another owner.
 */
#ifndef PROFINJECT_REPORTS_HTML_DOCUMENT_H
#define PROFINJECT_REPORTS_HTML_DOCUMENT_H

#include "analyzer/model/labels.h"
#include "analyzer/reports/html_judgement.h"
#include "analyzer/reports/html_relations.h"
#include "analyzer/reports/html_resources.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct html_metric {
    const char *name, *title, *label;
    enum metric_unit unit;
    bool is_signed, over_time;
    int64_t total;
};

struct html_process {
    const char *comm;
    int32_t pid;
};

struct html_thread {
    const char *name;
    int32_t tid;
    uint32_t process;
};

/* In preorder; [0] is the root: its own parent, its label of no meaning. */
struct html_nodes {
    uint32_t *parent, *label;
    size_t count;
};

struct html_column {
    const char *name;
    int64_t *values; /* one per entry; free() */
};

/* By node, then thread, then region. */
struct html_entries {
    uint32_t *node, *thread, *region;
    size_t count;
    struct html_column *columns;
    size_t column_count, column_capacity;
};

/* In order of time. */
struct html_slices {
    uint64_t width_ns;
    size_t slices; /* of time; 0: nothing is known over time */
    uint32_t *slice, *entry;
    uint64_t *cpu_ns, *off_ns;
    size_t count;
};

struct html_series {
    const char *name, *title, *unit, *group, *label;
    double *time_s, *value; /* not finite: unknown then; free() */
    size_t count;
};

struct html_heading {
    const char *title, *unit;
};

#define HTML_COLUMNS 10 /* a table has at most */
#define HTML_ROWS 1000u /* and so many rows */

struct html_cell {
    const char *text; /* NULL: the number, which where it is not finite is unavailable */
    double number;
};

struct html_table {
    const char *name, *title, *note;
    struct html_heading columns[HTML_COLUMNS];
    size_t column_count;
    struct html_cell *cells; /* row by row */
    size_t count, capacity;  /* of cells */
};

struct html_diff {
    const char *before, *after; /* NULL: it is no diff */
    bool normalised;
    unsigned runs[2];
};

struct html_document {
    struct strings *strings; /* of texts made for it */
    const char *title;
    const char *(*facts)[2];
    size_t fact_count, fact_capacity;
    const char *why, *end, *part; /* or NULL */
    const char **messages;
    size_t message_count, message_capacity;
    double start_s, end_s;
    struct html_metric *metrics;
    size_t metric_count, metric_capacity;
    struct html_process *processes;
    size_t process_count, process_capacity;
    struct html_thread *threads;
    size_t thread_count, thread_capacity;
    const char **regions; /* but the first, which is none */
    size_t region_count, region_capacity;
    const struct label *labels;
    size_t label_count;
    struct html_nodes nodes;
    struct html_entries entries;
    struct html_slices slices;
    struct html_series *series;
    size_t series_count, series_capacity;
    struct html_resources resources;
    struct html_relations relations;
    struct html_findings findings;
    struct html_table *tables;
    size_t table_count, table_capacity;
    struct html_diff diff;
};

void html_document_init(struct html_document *document);
void html_document_release(struct html_document *document); /* not the labels */

/* The text as it is shown: valid, without control characters. Lives as long as the document; "" for
 * NULL. */
const char *html_document_text(struct html_document *document, const char *text);

/* Append; texts are copied. The table or series is good until the next is added; a series has room
 * for `count`, a column for all entries, all 0. */
void html_document_fact(struct html_document *document, const char *name, const char *text);
void html_document_message(struct html_document *document, const char *text);
void html_document_metric(struct html_document *document, const struct html_metric *metric);
void html_document_process(struct html_document *document, const char *comm, int32_t pid);
void html_document_thread(struct html_document *document, const char *name, int32_t tid,
                          uint32_t process);
void html_document_region(struct html_document *document, const char *path);
int64_t *html_document_column(struct html_document *document, const char *name);
struct html_series *html_document_series(struct html_document *document,
                                         const struct html_series *about, size_t count);

/* `about` has name, title, note and headings. Cells then follow row by row. */
struct html_table *html_document_table(struct html_document *document,
                                       const struct html_table *about);
void html_table_number(struct html_table *table, double number);
/* Says in the note that only the first of `count` rows are there, where that is so. */
void html_table_cut(struct html_document *document, struct html_table *table, size_t count);
void html_table_unavailable(struct html_table *table);
void html_table_text(struct html_document *document, struct html_table *table, const char *text);

/* The JSON. Failures show in ferror(out). */
void html_document_write(const struct html_document *document, FILE *out);

#endif
