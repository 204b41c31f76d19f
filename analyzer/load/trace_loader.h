/*
 * One trace, read from beginning to end into raw stacks, threads and entries;
 * symbols come later, for all traces at once.
 *
 * Memory grows with distinct stacks, not with samples. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_TRACE_LOADER_H
#define PROFINJECT_LOAD_TRACE_LOADER_H

#include "analyzer/load/code_places.h"
#include "analyzer/load/ends.h"
#include "analyzer/load/heap_loader.h"
#include "analyzer/load/leak_loader.h"
#include "analyzer/load/loaded_resources.h"
#include "analyzer/load/loaded_waits.h"
#include "analyzer/load/mapped_loader.h"
#include "analyzer/load/raw_stacks.h"
#include "analyzer/load/timed_parts.h"
#include "analyzer/load/trace_entries.h"
#include "analyzer/model/profile.h"
#include "analyzer/model/wait_kind.h"
#include "analyzer/trace/trace_reader.h"
#include "analyzer/util/problem.h"

/* What one trace holds. Threads and entries number threads from 0 within this
 * trace, entries name raw stacks. */
struct loaded_trace {
    struct profile_process process;
    struct profile_thread *threads;
    size_t thread_count, thread_capacity;
    struct trace_entries entries;
    struct timed_parts parts; /* of entries; none unless they were asked for */
    /* Regions and counters by their ids in the trace; counts name those, and regions
     * of entries are such ids as well. */
    struct profile_region *regions; /* [0] is none; a name of NULL: not defined */
    size_t region_count, region_capacity;
    struct profile_counter *counters;
    size_t counter_count, counter_capacity;
    struct profile_count *counts;
    size_t count_count, count_capacity;
    struct heap_loader
        heap; /* its places name threads, raw stacks and regions likewise, as do those of */
    struct mapped_loader mapped;
    struct loaded_waits waits;
    struct loaded_resources resources;
    struct loaded_leaks leaks; /* none until leak_loader_find() */
    struct ends ends;
    struct jit_code *jit; /* names of code that was made, which code places refer to; NULL: none */
    struct trace_summary summary;
};

/* What not every report reads. */
struct loaded_wishes {
    bool parts, births;
};

/*
 * Reads of the trace at `path` what happened in `window`, and what is wished for besides; what is counted for
 * threads and processes as a whole is that of the whole run. Code places and stacks are added to
 * those given, strings interned in code->strings. On failure (as trace_read()) `trace`
 * holds nothing. On success it is released with loaded_trace_release().
 */
int loaded_trace_init(struct loaded_trace *trace, const char *path, struct time_window window,
                      struct loaded_wishes wishes, struct code_places *code,
                      struct raw_stacks *stacks, struct problem *problem);

/* Frees what is still the trace's: process.properties may have been taken. */
void loaded_trace_release(struct loaded_trace *trace);

#endif
