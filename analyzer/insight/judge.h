/*
 * A judgement of a whole profile: what limits it (bottleneck.h), how well it uses what it has
 * (scores.h). Release it with judgement_release().
 */
#ifndef PROFINJECT_INSIGHT_JUDGE_H
#define PROFINJECT_INSIGHT_JUDGE_H

#include "analyzer/model/judgement.h"
#include "analyzer/model/profile.h"

void judge(struct judgement *judgement, const struct profile *profile);

#endif
