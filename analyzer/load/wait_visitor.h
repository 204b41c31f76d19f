/*
 * The visitor's part for time off the processor: looks at threads, waits, what the kernel counted.
 * Part of the trace loader.
 */
#ifndef PROFINJECT_LOAD_WAIT_VISITOR_H
#define PROFINJECT_LOAD_WAIT_VISITOR_H

#include "analyzer/load/loader.h"
#include "analyzer/trace/trace_reader.h"

/* Its context is a struct loader. */
void wait_visitor_join(struct trace_visitor *visitor);

/* What the kernel counted of a thread is settled once its CPU time in pauses is known: behind its
 * totals. */
void wait_visitor_settle(struct loader *loader);

/* Before thread_sums_finish(): which metrics the trace holds. */
void wait_visitor_tell(struct loader *loader);

/* Behind it, when ends of threads are known: turns what was seen into entries, and into what is
 * known of threads. */
void wait_visitor_finish(struct loader *loader);

#endif
