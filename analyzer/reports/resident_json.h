/*
 * Memory beside the heap as JSON, for `report --json`: members "resident" and "mapped",
 * null where they were not recorded.
 */
#ifndef PROFINJECT_REPORTS_RESIDENT_JSON_H
#define PROFINJECT_REPORTS_RESIDENT_JSON_H

#include "analyzer/reports/text_sections.h"
#include "analyzer/util/json.h"

void resident_json(struct json *json, const struct text_report *report);

#endif
