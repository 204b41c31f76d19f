/*
 * What may be done about what limits a program, or about what a recording cannot tell: each with the
 * figures it follows from, and where in the program that is. Nothing is recommended without them.
 *
 * The rules are one table in recommendations.c, with what has to be exceeded; how each looks at a
 * profile is in rules_*.c. Owns its memory; read only once made. The profile must outlive it.
 */
#ifndef PROFINJECT_INSIGHT_RECOMMENDATIONS_H
#define PROFINJECT_INSIGHT_RECOMMENDATIONS_H

#include "analyzer/model/profile.h"
#include "analyzer/model/recommendation.h"
#include "analyzer/model/relations.h"

/* `relations`: what goes with resources, for places of the program; NULL: without. */
void recommendations_init(struct recommendations *recommendations, const struct profile *profile,
                          const struct relations *relations);
void recommendations_release(struct recommendations *recommendations);

#endif
