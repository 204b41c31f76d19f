/*
 * What killed processes left in their ring files becomes part of their recordings before a
 * command reads these: in their traces where the user may write there, else in memory.
 */
#ifndef PROFINJECT_COMMANDS_RECOVERY_H
#define PROFINJECT_COMMANDS_RECOVERY_H

#include "analyzer/model/profile.h"
#include "analyzer/trace/trace_copies.h"

#include <stddef.h>
#include <stdint.h>

struct recovery {
    struct trace_copies copies; /* to be read for their traces */
    size_t taken_in;            /* rings, now in their traces */
};

/* Looks for rings of the recordings that `paths` mean, as sources_init() has it. What is no
 * recording is passed over: whoever reads it will say so. */
void recovery_init(struct recovery *recovery, const char *const *paths, size_t count);
void recovery_release(struct recovery *recovery);

/* Rings of killed processes that nobody has taken in, the user's, of whatever recording: how
 * many, and in `bytes` how much memory they hold. */
size_t recovery_left(uint64_t *bytes);

/* Adds a message where anything was found. */
void recovery_tell(const struct recovery *recovery, struct profile *profile);

#endif
