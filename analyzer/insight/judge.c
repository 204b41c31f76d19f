/* Judging. Its own file so that time is divided once for all that follows from it. */
#include "analyzer/insight/judge.h"

#include "analyzer/insight/bottleneck.h"
#include "analyzer/insight/scores.h"

void judge(struct judgement *judgement, const struct profile *profile)
{
    struct time_parts parts;

    *judgement = (struct judgement){.thread_count = 0};
    time_parts_init(&parts, profile);
    bottleneck_judge(judgement, profile, &parts);
    scores_judge(judgement, profile, &parts);
    time_parts_release(&parts);
}
