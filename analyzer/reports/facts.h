/*
 * The facts of a run that every report states: sums over processes and threads,
 * with what is unknown kept apart from what is 0. Values only, nothing to free.
 */
#ifndef PROFINJECT_REPORTS_FACTS_H
#define PROFINJECT_REPORTS_FACTS_H

#include "analyzer/model/coverage.h"
#include "analyzer/model/profile.h"

struct facts {
    const struct profile_process *root; /* the last image of the process that began it;
                                         * NULL in an empty profile */
    size_t threads;
    size_t processes;        /* brief children included; one that execs is one */
    uint64_t brief_children; /* fork children that ended at once and have no trace: of them is */
    uint64_t brief_ns;       /* known the CPU time */
    uint64_t wall_ns;
    uint64_t cpu_ns;  /* by the process clocks; threads' clocks where that is missing. Of
                       * several processes with that of brief children */
    uint64_t samples; /* stacks taken */
    uint64_t lost;    /* samples dropped for want of room */
    uint64_t truncated, guessed, broken; /* stacks that are so, on and off the processor */
    uint64_t bytes, chunks, chunks_damaged, recovered_records;
    uint64_t chunks_before, records_before;  /* of traces that rotate: dropped */
    uint64_t records_missing, chunks_untold; /* of damaged chunks, as of processes */
    double frequency_delivered; /* stacks taken per second of threads' CPU time outside pauses,
                                   0 unknown */
    double weight;              /* sampling periods one stack stands for, mean, 0 unknown */
    uint64_t looks, looking_ns; /* at threads off the processor, in so much time */
    double periods, stacks;     /* their sums, over the stacks in the profile */
    uint64_t threads_cpu_ns;    /* by the threads' own clocks */
    struct coverage coverage;   /* of all threads */
    struct memory_totals memory;
    size_t memory_processes;                   /* how many counted memory */
    uint64_t unwinding[TRACE_UNWINDING_COUNT]; /* by enum trace_unwinding */
    struct stack_quality offcpu;               /* of stacks taken off the processor */
    struct handler_cost handler;               /* all 0 when not measured */
    size_t foreign_threads;                    /* whose memory was not counted in those */
};

struct end_text {
    char text[24];
};

void facts_init(struct facts *facts, const struct profile *profile);

/* Stacks taken, on and off the processor. */
static inline uint64_t facts_stacks(const struct facts *facts)
{
    return facts->samples + facts->offcpu.stacks;
}

/* The facts of each process alone, in the profile's order; free(). */
struct facts *facts_of_processes(const struct profile *profile);

/* Every process was to begin paused (--start-paused), and nobody resumed one. What CPU time it used
 * is known then only if it ended in order. */
bool facts_never_resumed(const struct profile *profile, const struct facts *facts);

/* How a process image ended: "exit 0", "signal 9", "exec", "unknown". */
struct end_text facts_end(const struct profile_process *process);

/* Looks per second and process at threads off the processor; 0 where there were none. */
double facts_look_rate(const struct facts *facts);

/* Why memory was not counted; a default text when the trace does not say. */
const char *facts_memory_reason(const struct profile_process *process);

#endif
