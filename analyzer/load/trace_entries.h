/*
 * What the threads of one trace did, by raw stack, while it is read. Entries are small (a cache
 * line each), because a trace may have millions and every sample finds one; what metrics they make
 * is known from their state. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_TRACE_ENTRIES_H
#define PROFINJECT_LOAD_TRACE_ENTRIES_H

#include "analyzer/model/entries.h"
#include "analyzer/model/wait_kind.h"
#include "analyzer/util/element_index.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether an entry's thread ran; ENTRY_REST: it did, unseen, see TRACE_REST. From ENTRY_WAITING on,
 * plus the kind as in wait_kind.h: it was blocked where a hook saw it; from ENTRY_LOOKED on
 * likewise: where a look found it. */
enum entry_state {
    ENTRY_RUNNING,
    ENTRY_BLOCKED,
    ENTRY_RUNNABLE,
    ENTRY_REST,
    ENTRY_WAITING,
    ENTRY_LOOKED = ENTRY_WAITING + WAIT_KIND_COUNT
};

struct trace_entry {
    uint32_t thread, stack, region; /* by their numbers in the trace */
    uint32_t state;                 /* enum entry_state */
    int64_t time_ns; /* on the processor or off it; when running, in periods until the trace ends */
    uint64_t samples;
    uint64_t alloc_count, alloc_bytes, free_count, free_bytes; /* since the sample before */
};

/* Added side by side: of millions of entries most are in no cache, and misses one after the other
 * are what reading a long trace would take most of its time for. */
#define TRACE_ENTRIES_BATCH 64u

struct trace_entries {
    struct trace_entry *items;
    size_t count, capacity;
    struct element_index index;
    struct trace_entry pending[TRACE_ENTRIES_BATCH];
    size_t pending_count;
};

void trace_entries_init(struct trace_entries *entries);
void trace_entries_release(struct trace_entries *entries);

/* The entry of that thread, raw stack, region and state, made if there is none. Good
 * until the next call. */
struct trace_entry *trace_entries_find(struct trace_entries *entries, uint32_t thread,
                                       uint32_t stack, uint32_t region, enum entry_state state);

/* Adds what `sample` counts to the entry it is of; it is there after the next call of
 * trace_entries_flush() at the latest. */
void trace_entries_add(struct trace_entries *entries, const struct trace_entry *sample);
void trace_entries_flush(struct trace_entries *entries);

/* No entry is looked for any more: frees what that needs. */
void trace_entries_seal(struct trace_entries *entries);

/* Adds to the time of an entry. */
void trace_entry_add(struct trace_entry *entry, uint64_t length_ns);

/* The metrics of `entry`; its thread, stack and region are those of the trace. `has_wall`: time on
 * the processor is part of a known whole. */
struct profile_entry trace_entry_values(const struct trace_entry *entry, bool has_wall);

#endif
