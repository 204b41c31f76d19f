/*
 * What is counted of a process while its trace is read: how good its stacks are, what
 * its handler cost. Values only, nothing to free.
 */
#ifndef PROFINJECT_LOAD_PROCESS_COUNTS_H
#define PROFINJECT_LOAD_PROCESS_COUNTS_H

#include "analyzer/load/code_places.h"
#include "analyzer/load/raw_stacks.h"
#include "analyzer/load/trace_entries.h"
#include "analyzer/model/profile.h"
#include "analyzer/trace/trace_reader.h"

/* The stacks of an entry's samples; also counts in the places of leaf and trouble. */
void process_counts_entry(struct profile_process *process, struct code_places *code,
                          const struct raw_stacks *stacks, const struct trace_entry *entry);

/* A stack taken off the processor. */
void process_counts_offcpu(struct profile_process *process, const struct raw_stacks *stacks,
                           uint32_t stack);

/* Cumulative records: the last one counts. */
void process_counts_handler(struct profile_process *process, const struct trace_handler *handler);
void process_counts_unwinding(struct profile_process *process, const uint64_t *counts);

#endif
