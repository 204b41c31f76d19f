/*
 * How a trace ends, and what its threads did last. Part of the trace loader: numbers of
 * threads are the trace's, from 0, stacks are raw ones.
 */
#ifndef PROFINJECT_LOAD_ENDS_H
#define PROFINJECT_LOAD_ENDS_H

#include "analyzer/model/profile.h"
#include "analyzer/trace/trace_reader.h"

struct last_sample {
    uint64_t time_ns, weight;
    uint32_t stack;
};

/* A thread's samples of its last second, oldest first. */
struct last_samples {
    struct last_sample *items;
    size_t first, count, capacity; /* those before `first` are too old */
};

struct ends {
    struct last_samples *threads; /* by number; shorter where none was taken */
    size_t count, capacity;
    bool has_end; /* the process image said how it ended */
};

void ends_release(struct ends *ends);

void ends_sample(struct ends *ends, uint32_t thread, const struct last_sample *sample);
void ends_thread_ended(struct ends *ends, uint32_t thread);
void ends_tell(struct ends *ends, struct profile_process *process, enum trace_end kind, int status,
               uint64_t time_ns, uint64_t cpu_ns);

/* `thread` and `stack`: those the record names, translated. */
void ends_death(struct profile_process *process, const struct trace_death *death, uint32_t thread,
                uint32_t stack);

/* When the process died, 0: it did not, or nobody knows that it did. */
uint64_t ends_death_ns(const struct profile_process *process);

#endif
