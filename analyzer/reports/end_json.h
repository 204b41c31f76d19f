/*
 * Members "deaths" of JSON reports: the processes that did not choose their end, see text_end.c.
 */
#ifndef PROFINJECT_REPORTS_END_JSON_H
#define PROFINJECT_REPORTS_END_JSON_H

#include "analyzer/model/labels.h"
#include "analyzer/model/profile.h"
#include "analyzer/util/json.h"

/* `labels` by function; NULL: stacks and functions are left out. */
void end_json(struct json *json, const struct profile *profile, const struct labels *labels);

#endif
