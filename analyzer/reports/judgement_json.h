/*
 * What limits a program, for programs: verdict, classes, scores, threads. Of `report --json`,
 * `correlate --json` and the page.
 */
#ifndef PROFINJECT_REPORTS_JUDGEMENT_JSON_H
#define PROFINJECT_REPORTS_JUDGEMENT_JSON_H

#include "analyzer/model/judgement.h"
#include "analyzer/model/profile.h"
#include "analyzer/util/json.h"

/* "judgement"; null where nobody made one. */
void judgement_json(struct json *json, const struct profile *profile,
                    const struct judgement *judgement);

#endif
