/*
 * Series of resources as JSON: the same in `report --json` and in `export`.
 */
#ifndef PROFINJECT_REPORTS_RESOURCES_JSON_H
#define PROFINJECT_REPORTS_RESOURCES_JSON_H

#include "analyzer/model/profile.h"
#include "analyzer/util/json.h"

/* The member "resources" of the object that is open. */
void resources_json(struct json *json, const struct profile *profile);

#endif
