/*
 * Ring files that killed processes of a recording left behind
 * (preload/contract/ring_format.h).
 */
#ifndef PROFINJECT_RECORD_STALE_RINGS_H
#define PROFINJECT_RECORD_STALE_RINGS_H

#include "preload/contract/recording.h"

#include <stddef.h>

/* Removes the ring files of `recording` whose process is gone, when what they hold is in
 * their traces (dead_ring.h); returns how many. */
size_t stale_rings_remove(const struct recording *recording);

#endif
