/*
 * The annex of a recording: where processes write that run as another user than the one whose
 * it is, whose directory they cannot reach (setuid(), su). A recording of its own, one for
 * each such user, of a name that follows from the recording's path, in /dev/shm; `record` takes
 * in what it holds.
 *
 * Used on both sides; no allocation, no stdio; not for signal handlers.
 */
#ifndef PROFINJECT_ANNEX_H
#define PROFINJECT_ANNEX_H

#include "preload/contract/recording.h"

#define ANNEX_DIRECTORY "/dev/shm"

/* The start of the names of all annexes of the recording at `path`; the user's number follows. */
void annex_prefix(const char *path, char *prefix, size_t size);

/* Opens the calling user's annex of the recording at `path`, or makes it. 0 or -errno; -EPERM:
 * somebody else has taken its name. */
int annex_open(struct recording *annex, const char *path);

#endif
