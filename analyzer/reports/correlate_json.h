/*
 * `correlate --json`: schema profinject-correlate-1, described in
 * profinject-correlate-1.schema.json. No state.
 */
#ifndef PROFINJECT_REPORTS_CORRELATE_JSON_H
#define PROFINJECT_REPORTS_CORRELATE_JSON_H

#include "analyzer/model/judgement.h"
#include "analyzer/model/relations.h"

#include <stdio.h>

void correlate_json_write(const struct relations *relations, const struct judgement *judgement,
                          const struct profile *profile, FILE *out);

#endif
