/*
 * Entries of one trace, and their parts in order of time, into the profile. Stateless.
 */
#ifndef PROFINJECT_LOAD_MERGE_ENTRIES_H
#define PROFINJECT_LOAD_MERGE_ENTRIES_H

#include "analyzer/load/merge_waits.h"

/* The raw stacks know theirs in the profile. Fits the parts. */
void merge_entries(struct profile *profile, struct loaded_trace *trace,
                   const struct merged_trace *merged);

#endif
