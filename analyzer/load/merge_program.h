/*
 * From the regions and counters of one trace to the profile's, and the choice among
 * them that the user made.
 */
#ifndef PROFINJECT_LOAD_MERGE_PROGRAM_H
#define PROFINJECT_LOAD_MERGE_PROGRAM_H

#include "analyzer/load/load.h"
#include "analyzer/load/trace_loader.h"

/* Adds the trace's regions; returns the profile's number for each id (free()). */
uint32_t *merge_regions(struct profile *profile, const struct loaded_trace *trace);

/* Adds the trace's counts, whose threads, stacks and regions are the profile's. */
void merge_counts(struct profile *profile, const struct loaded_trace *trace);

/* Narrows the profile to options->region and options->counter. PROBLEM_USAGE names
 * what there is. */
int choose_program(struct profile *profile, const struct load_options *options,
                   struct problem *problem);

#endif
