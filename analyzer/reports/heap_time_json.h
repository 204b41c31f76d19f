/*
 * The heap over time as JSON: members of a process of "heap_profile". Arrays have one
 * element per interval ("width_ns" long, the last may be shorter), those of threads and
 * functions one per "points_width_ns".
 */
#ifndef PROFINJECT_REPORTS_HEAP_TIME_JSON_H
#define PROFINJECT_REPORTS_HEAP_TIME_JSON_H

#include "analyzer/reports/text_sections.h"
#include "analyzer/util/json.h"

/* "timeline": of process number `process`, its threads, and its functions that grew. */
void heap_time_json(struct json *json, const struct text_report *report, uint32_t process);

#endif
