/*
 * Scores of 0 to 100, and threads by efficiency. Formulas (score_formula() has them in words for
 * outputs), of thread time of threads that are not idle, as time_parts.h divides it:
 *
 *   cpu     100 * (on-CPU - slowed) / (on-CPU + ready to run)
 *           of the time threads ran or wanted to, so much they ran at full speed. slowed: on a
 *           processor slowed down. Unavailable where the kernel does not count time ready to run.
 *   memory  100 * (on-CPU - memory) / (on-CPU + stalled)
 *           of the time they ran or were stalled for memory, so much they did something else than
 *           to manage it. memory: in the allocator, and moving or clearing memory or in page faults,
 *           whichever is more; stalled: blocked by major faults or pressure. Unavailable without
 *           samples.
 *   io      100 * on-CPU / (on-CPU + blocked)
 *           of the time they ran or were blocked for files and network, so much they ran.
 *           Unavailable where hooks saw no wait and no call of input or output, or there were none.
 *
 * A thread's efficiency is on-CPU / (wall - idle): of the time it had something to do, so much it ran.
 * idle: blocked in calls that wait for work or for others to be done (time_shares.h). Not told of
 * threads that had less than THREAD_LEAST_NS to do.
 */
#ifndef PROFINJECT_INSIGHT_SCORES_H
#define PROFINJECT_INSIGHT_SCORES_H

#include "analyzer/insight/time_parts.h"
#include "analyzer/model/judgement.h"

#define THREAD_LEAST_NS TIME_LEAST_NS

/* Fills scores and threads; they are the judgement's. */
void scores_judge(struct judgement *judgement, const struct profile *profile,
                  const struct time_parts *parts);

#endif
