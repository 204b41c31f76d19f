/*
 * Definitions of regions and counters, kept in the loaded trace under the ids they have
 * there; ids in between are nameless until they are defined. Names are interned in
 * `strings`. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_PROGRAM_LOADER_H
#define PROFINJECT_LOAD_PROGRAM_LOADER_H

#include "analyzer/load/trace_loader.h"

void program_loader_region(struct loaded_trace *trace, struct strings *strings,
                           const struct trace_region *region);
void program_loader_counter(struct loaded_trace *trace, struct strings *strings, uint64_t id,
                            uint64_t kind, const char *name);

/* Adds to the count of the same thread, stack, region and counter; `index` was made by
 * program_loader_counts() and is freed with key_table_free(). */
struct key_table *program_loader_counts(void);
void program_loader_count(struct loaded_trace *trace, struct key_table *index,
                          const struct profile_count *count);

#endif
