/*
 * `report --json`: the figures of the text report for programs. Internal to the
 * text report.
 *
 * One object: "schema" "profinject-report-1"; "run" (command, wall_ns, cpu_ns,
 * processes, threads, samples, lost, truncated, guessed, broken,
 * frequency_asked, frequency_delivered, mean_weight, exit); "heap" (exact totals
 * over all counted threads; null with "heap_unavailable" saying why); "functions"
 * (by falling self CPU time); "hot_paths" (frames root first); "threads";
 * "processes"; "messages". Units are in the names: _ns, _bytes, _count;
 * cpu_ns of functions and paths is sampled, that of threads and processes exact.
 */
#ifndef PROFINJECT_REPORTS_TEXT_JSON_H
#define PROFINJECT_REPORTS_TEXT_JSON_H

#include "analyzer/reports/text_sections.h"

void text_json(const struct text_report *report);

#endif
