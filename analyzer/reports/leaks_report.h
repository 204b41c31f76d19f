/*
 * `report --leaks`: what was not freed when the trace ended, by stack, as text in the form
 * that LeakSanitizer made familiar, or as JSON.
 */
#ifndef PROFINJECT_REPORTS_LEAKS_REPORT_H
#define PROFINJECT_REPORTS_LEAKS_REPORT_H

#include "analyzer/model/leaks.h"
#include "analyzer/reports/report.h"

/* What both forms are made from. */
struct leaks_report {
    const struct profile *profile;
    const struct report_options *options;
    struct leaks leaks;
    uint64_t interval; /* mean bytes between samples, the longest; 0: every block is known */
    uint64_t start_ns; /* times are told from here on */
    struct profile_leak_scan scan; /* sum of all; whole: each was */
    size_t scanned, unscanned;     /* processes */
    FILE *out;
};

/* Writes the whole report. 0, or PROBLEM_NOTHING when no heap was recorded. */
int leaks_report_write(const struct profile *profile, const struct report_options *options,
                       FILE *out, struct problem *problem);

void leaks_json_write(const struct leaks_report *report);

/* "direct", "indirect", "reachable"; "not-freed" where there was no scan. */
const char *leaks_report_kind(enum leak_kind kind);

#endif
