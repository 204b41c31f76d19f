/*
 * Regions and counters as JSON: the same in `report --json` and in `export`.
 */
#ifndef PROFINJECT_REPORTS_PROGRAM_JSON_H
#define PROFINJECT_REPORTS_PROGRAM_JSON_H

#include "analyzer/model/profile.h"
#include "analyzer/util/json.h"

/* The members "regions" and "counters" of the object that is open. */
void program_json(struct json *json, const struct profile *profile);

#endif
