/*
 * Values of one series as the profile has them: counters become rates. Plain functions; the series
 * is the caller's.
 */
#ifndef PROFINJECT_LOAD_RESOURCE_POINTS_H
#define PROFINJECT_LOAD_RESOURCE_POINTS_H

#include "analyzer/load/loaded_resources.h"
#include "analyzer/load/time_window.h"
#include "analyzer/model/resources.h"

/* Appends what is later than the points that are there; nothing is known in between. A gauge keeps
 * its last value until `end_ns`, as does a counter that was silent for long. A counter that falls
 * was reset: that step is unknown. */
void resource_points_pour(struct resource_series *series, const struct loaded_series *from,
                          uint64_t end_ns);

/* Leaves of the series what is in the window. */
void resource_points_crop(struct resource_series *series, const struct time_window *window);

#endif
