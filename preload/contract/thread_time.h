/*
 * A thread's CPU time as its slot and its clock tell it: used, used in pauses, and
 * used beyond what its samples stand for. For the drain; same threading as it.
 */
#ifndef PROFINJECT_THREAD_TIME_H
#define PROFINJECT_THREAD_TIME_H

#include "preload/contract/ring_format.h"

#include <stdint.h>

/* Since the thread was attached; of it, while nothing was to be sampled. */
struct thread_time {
    uint64_t cpu_ns, paused_ns;
};

/* Up to now, or to its end, or to `cpu_end_ns` where that is known. The clock of one that lives
 * can be read by its own process only; others know as much as was noted in the slot. */
struct thread_time thread_time_of(const struct ring_slot *slot);

/* The process is gone: notes in `cpu_end_ns` the last that is known of clocks nobody can read
 * any more. */
void thread_time_settle(struct ring_file *ring);

/*
 * What an ending thread used beyond what its samples stand for; 0 where its clock rides
 * on no tick. A tick that it did not live to see is no chance where threads are scheduled
 * by ticks: of 10 ms each, in a crowd, a quarter would be missing. One that lives for
 * less than a tick is hit in proportion to its life: when it was, it stands for those
 * that were not, with a whole tick.
 */
uint64_t thread_time_rest_ns(const struct ring_file *ring, const struct ring_slot *slot,
                             const struct thread_time *time);

/* The node it is charged to: of the last sample, unless a clock that waits for no tick
 * lost it somewhere in the thread's life. */
uint32_t thread_time_rest_stack(const struct ring_file *ring, const struct ring_slot *slot,
                                uint64_t rest_ns);

#endif
