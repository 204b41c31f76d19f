/*
 * What was asked for by name, and what is recommended, as members of `report --json`. No state.
 */
#ifndef PROFINJECT_REPORTS_VIEWS_JSON_H
#define PROFINJECT_REPORTS_VIEWS_JSON_H

#include "analyzer/reports/text_sections.h"
#include "analyzer/util/json.h"

/* "function" with --function, "source" with --source: what was found by that name. 0, or a problem:
 * there is nothing, and nothing has been written. */
int views_json_check(const struct text_report *report, struct problem *problem);
void views_json(struct json *json, const struct text_report *report);

/* "recommendations", null where nobody made any. */
void recommendations_json(struct json *json, const struct text_report *report);

#endif
