/*
 * The clock of one thread: started, stopped, and late where only the servant may.
 * All but the last function are called under the threads' lock.
 */
#ifndef PROFINJECT_THREAD_CLOCK_H
#define PROFINJECT_THREAD_CLOCK_H

#include "preload/clock.h"
#include "preload/contract/ring_format.h"
#include "preload/threads.h"

#include <stdbool.h>
#include <stdint.h>

/* `clock` will tick every `period_ns`; threads without one are counted in `ring`. */
void thread_clock_init(struct ring_file *ring, const struct clock *clock, uint64_t period_ns);

/* Starts it, or leaves that to the servant and calls it. A process-wide clock is not
 * started here. */
void thread_clock_start(struct thread *thread);
void thread_clock_stop(struct thread *thread);

/* Starts a timer for a thread, `tid`, that will be `thread` but is not yet: what starts first
 * from then on takes it. False when there is none. */
bool thread_clock_start_ahead(struct thread *thread, int tid);
/* Nothing will take it. */
void thread_clock_stop_ahead(void);

/* What waits for the servant: for the process, and for one thread. */
void thread_clock_serve_process(void);
void thread_clock_serve(struct thread *thread);

/*
 * Whether the thread is to be sampled for this tick. It may be of a clock that was
 * stopped: signals queue, and handles are used again.
 *
 * A clock started by the servant comes late, and ticks first after a whole period:
 * threads that live for less would never be seen. So a timer samples until that first
 * tick, which then stands for what had passed and the timer's ticks do not stand for.
 */
bool thread_clock_ticks_sigsafe(struct thread *thread, struct clock_tick *tick);

/* No clock of the slot's thread, whose CPU clock is told, is to run from now on, or it is again.
 * Under the table's lock, or before anybody knows the slot; pairs with the drain's look at
 * both. */
void thread_clock_begin_pause(struct ring_slot *slot, uint64_t cpu_ns);
void thread_clock_end_pause(struct ring_slot *slot, uint64_t cpu_ns);

#endif
