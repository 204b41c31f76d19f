/*
 * Waits in the machine form of `report`: "waits", null where no hook saw any. Seconds are of time
 * blocked, "total_seconds" of whole calls.
 */
#ifndef PROFINJECT_REPORTS_WAITS_JSON_H
#define PROFINJECT_REPORTS_WAITS_JSON_H

#include "analyzer/reports/text_sections.h"
#include "analyzer/util/json.h"

void waits_json(struct json *json, const struct text_report *report);

#endif
