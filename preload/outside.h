/*
 * This process's side of being drained from outside (ring_format.h, KEEPER): it offers its
 * ring, asks, and takes it back. The other side is the keeper (analyzer/record/keeper.h).
 *
 * What the servant's thread does, and who does it here:
 *
 *   drains, compresses, writes; names, modules, CPU time of threads;    the keeper, from the
 *   more memory for stack nodes; notices the process's end              ring and from /proc
 *   register states for hard frames, index of stacks, threads nobody    threads of the process,
 *   attached, frees that wait, looks at memory, the signal kept,        where they may: chores.h
 *   pause and resume from outside
 *   clocks that live in its descriptors (perf), the wall clock,         the thread: such
 *   --delay, --duration, a toggle signal, the scan for leaks, a         processes have it
 *   library loaded late, seccomp filters, exec that failed
 *
 * A process that ends before the keeper had a look takes its ring back and writes itself.
 * Where the keeper dies rings fill: samples are dropped, exact recording ends in time, and
 * the next `record` takes in what is there.
 */
#ifndef PROFINJECT_OUTSIDE_H
#define PROFINJECT_OUTSIDE_H

#include "preload/contract/recording.h"
#include "preload/contract/ring_format.h"

#include <stdbool.h>

/* True when somebody is there to take the ring. */
bool outside_is_there(const struct ring_file *ring, const struct recording *recording);

/* Offers it then, with what the trace begins with in it (ring_start.h). */
void outside_offer(struct ring_file *ring);

/* True while somebody else drains, or will. */
bool outside_is_on_sigsafe(void);

/* True when whoever drained is gone. Preserves errno. */
bool outside_is_deserted(void);

/* True when nobody else had begun to drain: now nobody will. */
bool outside_take_back(void);

/* Asks the keeper for RING_ASK_*. False when there was no answer in time, or the trace cannot
 * be written. */
bool outside_ask(uint32_t requests, unsigned timeout_ms);

/* The end of the trace, the process having used so much CPU time. */
bool outside_end(enum trace_end kind, int status, uint64_t cpu_ns, unsigned timeout_ms);

/* That end was none: exec failed. */
void outside_go_on(void);

/* The process drains by itself from now on. False when it is not known whether it may. */
bool outside_leave(unsigned timeout_ms);

/* In a fork child, whose ring is another. */
void outside_forget(void);

#endif
