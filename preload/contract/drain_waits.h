/*
 * What threads have of waits beside the records in their rings, and what they waited for, from a ring
 * file to a chunk. For the drain only; same threading as it.
 */
#ifndef PROFINJECT_DRAIN_WAITS_H
#define PROFINJECT_DRAIN_WAITS_H

#include "preload/contract/drain.h"

/* Of a thread that ended, or with its process may (`last`), the entries of its slot; and the wait it is
 * in, once its stack is known, or in any case when it is the last. */
void drain_put_held_waits(struct drain *drain, const struct ring_slot *slot,
                          struct drain_slot *seen, bool ended, bool last);

/* The thread is in a wait of which the stack is known, and not told. */
bool drain_has_open_wait(const struct ring_slot *slot, const struct drain_slot *seen);

/* What was seen of a thread in no wait of a hook, when it is time to tell or `last`; and what becomes
 * of that with the chunk. */
void drain_put_look(struct drain *drain, const struct ring_slot *slot, struct drain_slot *seen,
                    bool last);
void drain_look_written(struct ring_slot *slot, struct drain_slot *seen);

/* How long the thread ran and was ready to, by now; `last`: all that is to be known. */
void drain_put_scheduling(struct drain *drain, const struct ring_slot *slot,
                          const struct drain_slot *seen, bool ended, bool last);

/* Objects that are new in this epoch, or were used again, and how many waits were lost. */
void drain_put_objects(struct drain *drain);

#endif
