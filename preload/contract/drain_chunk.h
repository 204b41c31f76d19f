/*
 * What a drain has encoded becomes a chunk of the trace: whole, or not at all.
 *
 * As drain.h; for its parts alone.
 */
#ifndef PROFINJECT_DRAIN_CHUNK_H
#define PROFINJECT_DRAIN_CHUNK_H

#include "preload/contract/drain.h"

/* Writes the payload behind what the part `fd` has, and notes in the ring that it is there. 0,
 * DRAIN_LIMIT when it may not get that large, or -errno; then what was written of it is taken
 * back, or, with -EIO, stays where readers pass over it. */
int drain_chunk_write(struct drain *drain, int fd, bool starts_epoch);

#endif
