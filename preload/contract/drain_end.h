/*
 * The records of a process's end: what it left when a signal was about to end it (TRACE_DEATH),
 * and that it is gone (TRACE_END). For the drain only; same threading as it.
 */
#ifndef PROFINJECT_DRAIN_END_H
#define PROFINJECT_DRAIN_END_H

#include "preload/contract/drain.h"
#include "preload/contract/drain_encode.h"

/* Appends the word it left, when there is one that the trace does not have. */
void drain_end_put_death(struct drain *drain);

/* Appends its end. */
void drain_end_put(struct drain *drain, const struct drain_end *end);

#endif
