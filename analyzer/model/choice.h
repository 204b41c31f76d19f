/*
 * Leaving out of a profile what was not asked for: by thread, process, function, region.
 * What is counted for threads and processes as a whole (CPU clocks, exact counters) stays
 * what it is. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_CHOICE_H
#define PROFINJECT_MODEL_CHOICE_H

#include "analyzer/model/profile.h"
#include "analyzer/util/problem.h"

/* What to keep; NULL: everything. */
struct profile_choice {
    const char *thread;         /* name or tid */
    const char *process;        /* name or pid */
    const char *focus, *ignore; /* POSIX extended expressions: stacks in which some, or no,
                                 * function's name matches */
};

bool profile_choice_any(const struct profile_choice *choice);

/* 0; PROBLEM_USAGE for an expression that is none, or a name that the profile has not;
 * PROBLEM_NOTHING when nothing is left. */
int profile_choose(struct profile *profile, const struct profile_choice *choice,
                   struct problem *problem);

/* Keeps of entries, heap sites, leaks and waits what `keep` says; sums of the processes' heaps are then those of what is left. */
void profile_keep(struct profile *profile,
                  bool (*keep)(const void *context, const struct profile_place *place),
                  const void *context);

#endif
