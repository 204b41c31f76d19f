/*
 * Draining segments of exact heap events: they become TRACE_HEAP_EVENTS as they are, but
 * for the numbers of stacks. Part of the drain; same threading.
 *
 * A pass takes what was there when it began, in as many chunks as that needs.
 */
#ifndef PROFINJECT_DRAIN_SEGMENTS_H
#define PROFINJECT_DRAIN_SEGMENTS_H

#include "preload/contract/drain.h"

/* A pass begins: looks at what there is. */
void drain_segments_begin(struct drain *drain);

/* Puts as much as a chunk should have into the payload; true when more is left. */
bool drain_segments_put(struct drain *drain);

/* The chunk was written: gives back what it holds. */
void drain_segments_written(struct drain *drain);

/* It was not, and nothing was taken. */
void drain_segments_abandoned(struct drain *drain);

/* True when all that the slot's thread, which is gone, ever recorded was written. */
bool drain_segments_all_written(const struct drain *drain, const struct ring_slot *slot);

#endif
