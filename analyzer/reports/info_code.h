/*
 * Names of code that was made at run time, in `info`: how many there are, and why not more.
 */
#ifndef PROFINJECT_REPORTS_INFO_CODE_H
#define PROFINJECT_REPORTS_INFO_CODE_H

#include "analyzer/model/profile.h"
#include "analyzer/util/json.h"

#include <stdio.h>

/* Nothing where no process had any. */
void info_code_text(FILE *out, const struct profile *profile);
void info_code_json(struct json *json, const struct profile_process *process); /* "made_code" */

#endif
