/*
 * What the sample handler costs, measured by itself: durations and depths as
 * histograms in the ring file, over all threads. Filled only when asked for, because
 * the counters are shared between threads and the second look at the clock takes as
 * long as a short walk.
 */
#ifndef PROFINJECT_HANDLER_COST_H
#define PROFINJECT_HANDLER_COST_H

#include "preload/contract/ring_format.h"
#include "preload/unwind.h"

/* Adds one walk that took `duration_ns` from the handler's entry to its end. */
void handler_cost_add_sigsafe(struct ring_handler *handler, const struct walk *walk,
                              uint64_t duration_ns);

#endif
