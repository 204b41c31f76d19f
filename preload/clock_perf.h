/*
 * The `perf` clock: a software event (task-clock) per thread. It fires when the period
 * is over and not at the next tick, for 22-27 us a shot in a virtual machine.
 *
 * Its descriptors live in the servant's own table, where the target neither sees nor
 * closes them; so only the servant starts events, and stop() from another thread
 * leaves the closing to clock_perf_serve().
 *
 * Its signals queue, and one that finds the queue full comes as SIGIO and would end
 * the target. So every event is granted only so many at a time, and the servant
 * grants more well before they are used up.
 */
#ifndef PROFINJECT_CLOCK_PERF_H
#define PROFINJECT_CLOCK_PERF_H

#include "preload/contract/ring_format.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_PERF_EVENTS 8192u /* handles are smaller */

/* Asks for frames of the kernel as well, before clock_perf_try(). */
void clock_perf_want_kernel(void);

/* After it: NULL when they are taken, else why not. */
const char *clock_perf_why_no_kernel(void);

/* 0 when the machine lets us; else -errno, with what forbids it and what is used
 * instead in `why`. Asks the kernel once per process image. */
int clock_perf_try(char *why, size_t why_size);

/* In a new image's beginning (fork child): no event is ours any more. */
void clock_perf_forget(void);

/* What else there is to know of the thread of `slot` at each tick of `handle`: counts
 * begin. Servant only. */
void clock_perf_follow(int handle, struct ring_slot *slot);

/* Closes what was stopped, and grants what was used up. Servant only. */
void clock_perf_serve(void);

/* Adds what the hardware counted to the calling thread's counters, for its sample. */
void clock_perf_count_sigsafe(int handle);

/* Where in the kernel the thread was when the event fired whose signal is handled; see
 * kernel_frames.h. */
uint32_t clock_perf_kernel_sigsafe(int handle, uint64_t *addresses);

/* Threads whose kernel frames are missing, as a line; false: none. */
bool clock_perf_complaint(char *line, size_t size);

/* True when the signal is from an event that is or was ours; `value` is NULL for
 * the latter. Counts it. */
bool clock_perf_read_sigsafe(const siginfo_t *info, int *handle, void **value);

#endif
