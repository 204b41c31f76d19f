/*
 * What programs say of themselves, in the model: regions and counters. Regions of
 * the same path, and counters of the same name, are one over all processes. Part of
 * building and narrowing a profile (profile.h).
 */
#ifndef PROFINJECT_MODEL_PROGRAM_H
#define PROFINJECT_MODEL_PROGRAM_H

#include "analyzer/model/profile.h"

/* Number of the region `name` inside `parent` (REGION_NONE: in none), made when new. */
uint32_t profile_region(struct profile *profile, uint32_t parent, const char *name);

/* Number of the counter, made when new. */
uint32_t profile_counter(struct profile *profile, const char *name, enum counter_kind kind);

/* Appends; a counter's total is the sum of its counts. */
void profile_add_count(struct profile *profile, const struct profile_count *count);

/* Charges the counts of `name` to METRIC_COUNTER. False when there is no such one. */
bool profile_choose_counter(struct profile *profile, const char *name);

/* Keeps only what was sampled inside a region of that name, or path, at any depth. False when
 * there is no such one, and nothing is changed. */
bool profile_choose_region(struct profile *profile, const char *name);

/* CPU time sampled inside a region, with those nested in it, ns. */
int64_t profile_region_cpu(const struct profile *profile, uint32_t region);

#endif
