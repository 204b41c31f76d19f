/*
 * What `info` says about resources: how often they were to be looked at and were, what there is and
 * what is not.
 */
#ifndef PROFINJECT_REPORTS_INFO_RESOURCES_H
#define PROFINJECT_REPORTS_INFO_RESOURCES_H

#include "analyzer/model/profile.h"
#include "analyzer/util/json.h"

#include <stdio.h>

void info_resources_text(FILE *out, const struct profile *profile);
void info_resources_json(struct json *json, const struct profile *profile); /* "resources" */

#endif
