/*
 * What `info` says about waits: whether they were recorded, what was lost, how much of the blocked time
 * anybody saw.
 */
#ifndef PROFINJECT_REPORTS_INFO_WAITS_H
#define PROFINJECT_REPORTS_INFO_WAITS_H

#include "analyzer/model/profile.h"
#include "analyzer/util/json.h"

#include <stdio.h>

void info_waits_text(FILE *out, const struct profile *profile);
void info_waits_json(struct json *json, const struct profile *profile); /* member "waits" */

#endif
