/*
 * The heap as JSON, for `report --json`: member "heap_profile", null where no stacks of
 * allocations were recorded.
 */
#ifndef PROFINJECT_REPORTS_HEAP_JSON_H
#define PROFINJECT_REPORTS_HEAP_JSON_H

#include "analyzer/reports/text_sections.h"
#include "analyzer/util/json.h"

void heap_json(struct json *json, const struct text_report *report);

/* An object of `value`, `low` and `high`; all the same where every block is known. */
void heap_json_bytes(struct json *json, const char *key, const struct estimate *bytes,
                     uint64_t interval);
void heap_json_count(struct json *json, const char *key, const struct estimate *count,
                     uint64_t interval);

#endif
