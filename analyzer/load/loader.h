/*
 * What is known while a trace is read. Shared by the parts of the visitor (trace_loader.c,
 * heap_visitor.c, wait_visitor.c) and nobody else. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_LOADER_H
#define PROFINJECT_LOAD_LOADER_H

#include "analyzer/load/made_code.h"
#include "analyzer/load/module_history.h"
#include "analyzer/load/numbers.h"
#include "analyzer/load/process_facts.h"
#include "analyzer/load/trace_loader.h"

struct loader {
    struct loaded_trace *trace;
    struct code_places *code;
    struct raw_stacks *stacks;
    struct module_history modules;
    struct made_code made;
    struct process_facts facts;
    struct time_window window; /* what counts */
    struct key_table *threads, *counts;
    uint32_t *ended; /* threads that did, in the chunk that is read */
    size_t ended_count, ended_capacity;
    struct trace_scheduling scheduling; /* waits for the totals behind it; thread 0: none does */
    struct numbers thread_numbers;      /* from 1 */
    struct numbers stack_numbers;       /* from TRACE_STACK_FIRST */
    uint64_t first_ns, last_ns;         /* of the events seen */
    uint64_t expected_end_ns;           /* latest of all, by chunks' headers */
};

/* The thread that a number of this epoch stands for; `index`: its number in the trace. */
struct profile_thread *loader_thread(struct loader *loader, uint64_t number, uint32_t *index);

/* Number of the raw stack that a number of this epoch stood for at that time. */
uint32_t loader_stack(struct loader *loader, uint64_t number, uint64_t time_ns);

/* Something happened then; threads and ends may be known from before what was kept. */
void loader_see_event(struct loader *loader, uint64_t time_ns);
void loader_see_time(struct loader *loader, uint64_t time_ns);

#endif
