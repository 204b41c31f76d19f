/*
 * Entries of a trace by what they are of. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_TRACE_ENTRIES_H
#define PROFINJECT_LOAD_TRACE_ENTRIES_H

#include "analyzer/load/trace_loader.h"

/* Of the entries of one trace, to begin with none; key_table_free(). */
struct key_table *trace_entries_index(void);

/* The entry of that thread, raw stack, region and state, made if there is none. Good
 * until the next call. */
struct profile_entry *trace_entries_find(struct loaded_trace *trace, struct key_table *index,
                                         uint32_t thread, uint32_t stack, uint32_t region,
                                         enum entry_state state);

#endif
