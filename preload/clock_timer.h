/*
 * POSIX timers: the clocks `cpu`, one timer per thread on that thread's CPU clock, its
 * signal to that thread, and `itimer`, one on the CPU clock of the process, its signal
 * to a thread that runs. Raw system calls, because the C library's timers cannot name
 * another thread's clock and keep a list of their own; and no setitimer(), which is
 * the target's.
 *
 * The first tick comes after a random part of a period, or, where the kernel's tick is
 * longer, at the first of those, which is as random. Any thread may start and stop.
 */
#ifndef PROFINJECT_CLOCK_TIMER_H
#define PROFINJECT_CLOCK_TIMER_H

/* The value the timer of `itimer` carries: an address that nobody else sends. */
void *clock_timer_process_value_sigsafe(void);

#endif
