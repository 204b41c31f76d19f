/*
 * Draining threads' slots: samples and what else lies in their rings, totals and ends. Part of the
 * drain; same threading.
 *
 * A pass goes through all of them once, in as many chunks as that needs; one may lie in several.
 */
#ifndef PROFINJECT_DRAIN_SLOTS_H
#define PROFINJECT_DRAIN_SLOTS_H

#include "preload/contract/drain.h"

/* Puts as much as a chunk should have into the payload; true when more is left. `final`: all
 * threads are told of, for the last time. */
bool drain_slots_put(struct drain *drain, bool final);

/* The chunk was written: gives the room back that what it holds came from. */
void drain_slots_written(struct drain *drain);

/* It was not: what it was to hold is read again. */
void drain_slots_abandoned(struct drain *drain);

#endif
