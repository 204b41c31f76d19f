/*
 * What a trace's entries come to, per thread and for the process. Stateless.
 */
#ifndef PROFINJECT_LOAD_THREAD_SUMS_H
#define PROFINJECT_LOAD_THREAD_SUMS_H

#include "analyzer/load/trace_loader.h"

/* There is more of a thread. Where the trace had ended, an exec had failed, and what was
 * charged to the ends of threads that went on holds no more. */
void thread_sums_go_on(struct loaded_trace *trace);

/* What was charged to the thread's end holds no more. */
void thread_sums_forget_rest(struct loaded_trace *trace, uint32_t thread);

/* Turns sampled time into nanoseconds, and fills in what the trace itself does not say of
 * its threads: sampled time, ends, samples of a trace that broke off. Once, at its end. */
void thread_sums_finish(struct loaded_trace *trace);

#endif
