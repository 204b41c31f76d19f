/*
 * What limits a program: the table of classes with their evidence, and the verdict that follows. The
 * parts of time they are weighed by are in time_parts.h, what a verdict needs in judgement.h.
 */
#ifndef PROFINJECT_INSIGHT_BOTTLENECK_H
#define PROFINJECT_INSIGHT_BOTTLENECK_H

#include "analyzer/insight/time_parts.h"
#include "analyzer/model/judgement.h"

/* Fills classes, verdict, runner_up and text; they are the judgement's. */
void bottleneck_judge(struct judgement *judgement, const struct profile *profile,
                      const struct time_parts *parts);

#endif
