/*
 * What a thread spent its last second on before its process died, function by function: the
 * moments of a profile, folded. And which processes to tell of.
 *
 * Owns its memory; the profile and its labels must outlive it.
 */
#ifndef PROFINJECT_MODEL_LAST_SECOND_H
#define PROFINJECT_MODEL_LAST_SECOND_H

#include "analyzer/model/labels.h"
#include "analyzer/model/profile.h"

struct last_function {
    uint32_t label; /* of the function the samples were in */
    uint64_t cpu_ns;
};

/* A thread that lived when its process died, and was ever sampled. */
struct last_thread {
    uint32_t thread;
    uint64_t cpu_ns;                 /* in that second */
    struct last_function *functions; /* most first */
    size_t count;
};

struct last_second {
    struct last_thread *threads; /* of one process, most CPU time first */
    size_t count;
};

/* `process`: its number. */
void last_second_init(struct last_second *last, const struct profile *profile,
                      const struct labels *labels, uint32_t process);
void last_second_release(struct last_second *last);

/* True when it did not choose its end: killed, or gone without a word. */
bool last_second_is_dead(const struct profile_process *process);

/* When it died, or was found gone: CLOCK_MONOTONIC; as good as known. */
uint64_t last_second_death_ns(const struct profile_process *process);

/* The process whose death is the news: the recording's first, `root`, if it died, else the
 * first of which most is known. NULL: none died. */
const struct profile_process *last_second_of_whom(const struct profile *profile,
                                                  const struct profile_process *root);

#endif
