/*
 * The records of one thread's ring as records of the trace. Part of the drain; same
 * threading as it.
 */
#ifndef PROFINJECT_DRAIN_BATCH_H
#define PROFINJECT_DRAIN_BATCH_H

#include "preload/contract/drain.h"
#include "preload/contract/drain_encode.h"

/* The trace number of ring node `leaf`, which is defined by `drain->stacks`, with its callers,
 * when this epoch has not seen it. */
uint32_t drain_define_node(struct drain *drain, uint32_t leaf);

/* How many nodes, from the leaf up, this epoch has not seen. */
uint32_t drain_count_unknown(const struct drain *drain, uint32_t leaf);

/* Defines the slot's thread in this epoch unless it is. */
void drain_define_thread(struct drain *drain, struct ring_slot *slot, struct drain_slot *seen);

/* The chunk in the making covers that moment. */
void drain_note_time(struct drain *drain, uint64_t time);

/* Puts what was committed from seen->position on, at most up to `limit`, and moves it. Returns false
 * when the chunk has no room for more. */
bool drain_put_records(struct drain *drain, struct ring_slot *slot, struct drain_slot *seen,
                       uint64_t limit);

#endif
