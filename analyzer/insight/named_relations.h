/*
 * The five pairs that are always told: what memory has to do with processors, graphics cards and
 * disks. Of the process with the most CPU time. No state.
 */
#ifndef PROFINJECT_INSIGHT_NAMED_RELATIONS_H
#define PROFINJECT_INSIGHT_NAMED_RELATIONS_H

#include "analyzer/model/relations.h"

/* Fills relations->named, after the grid. */
void named_relations_find(struct relations *relations, const struct profile *profile);

/* All of them are insufficient, for that reason. */
void named_relations_leave(struct relations *relations, const char *why);

#endif
