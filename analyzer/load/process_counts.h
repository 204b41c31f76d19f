/*
 * What is counted of a process while its trace is read: how good its stacks are, what
 * its handler cost. Values only, nothing to free.
 */
#ifndef PROFINJECT_LOAD_PROCESS_COUNTS_H
#define PROFINJECT_LOAD_PROCESS_COUNTS_H

#include "analyzer/load/code_places.h"
#include "analyzer/load/raw_stacks.h"
#include "analyzer/model/profile.h"
#include "analyzer/trace/trace_reader.h"

/* A sample's stack; also counts in the places of its leaf and of its trouble. */
void process_counts_stack(struct profile_process *process, struct code_places *code,
                          const struct raw_stacks *stacks, uint32_t stack);

/* A stack taken off the processor. */
void process_counts_offcpu(struct profile_process *process, const struct raw_stacks *stacks,
                           uint32_t stack);

/* Cumulative records: the last one counts. */
void process_counts_handler(struct profile_process *process, const struct trace_handler *handler);
void process_counts_unwinding(struct profile_process *process, const uint64_t *counts);

#endif
