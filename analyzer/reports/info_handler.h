/*
 * What the library's own handler cost, as `info` shows it: nothing when it was not
 * measured. Stateless.
 */
#ifndef PROFINJECT_REPORTS_INFO_HANDLER_H
#define PROFINJECT_REPORTS_INFO_HANDLER_H

#include "analyzer/model/handler_cost.h"
#include "analyzer/model/profile.h"
#include "analyzer/util/json.h"

#include <stdio.h>

/* An object "handler", null when it was not measured. */
void info_handler_json(struct json *json, const struct handler_cost *cost);
void info_handler_text(FILE *out, const struct handler_cost *cost);

/* The threads that lost samples. */
void info_losses_json(struct json *json, const struct profile *profile);
void info_losses_text(FILE *out, const struct profile *profile);

#endif
