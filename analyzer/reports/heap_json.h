/*
 * The heap as JSON, for `report --json`: member "heap_profile", null where no stacks of
 * allocations were recorded.
 */
#ifndef PROFINJECT_REPORTS_HEAP_JSON_H
#define PROFINJECT_REPORTS_HEAP_JSON_H

#include "analyzer/reports/text_sections.h"
#include "analyzer/util/json.h"

void heap_json(struct json *json, const struct text_report *report);

#endif
