/*
 * The `cpu` clock: one POSIX timer per thread on that thread's CPU clock, its
 * signal to that thread. Raw system calls, because the C library's timers cannot
 * name another thread's clock and keep a list of their own.
 */
#ifndef PROFINJECT_CLOCK_CPU_H
#define PROFINJECT_CLOCK_CPU_H

#include <signal.h>
#include <stdint.h>

/*
 * Makes and arms a timer on thread `tid`: SIGPROF with `value` every `period_ns`
 * of its CPU time, first after a random part of it, or, where a tick is longer, at
 * the thread's first tick, which is as random. Returns the timer or -errno
 * (-EAGAIN: RLIMIT_SIGPENDING).
 */
int clock_cpu_start(int tid, void *value, uint64_t period_ns);

void clock_cpu_stop(int timer);

/* The kernel's tick: CPU timers fire at no other time. */
uint64_t clock_cpu_tick_ns(void);

/* The weight of a signal in periods: CPU timers ride on the kernel's tick, and a
 * signal stands for the periods that passed unseen as well. */
static inline uint32_t clock_cpu_weight_sigsafe(const siginfo_t *info)
{
    return 1u + (info->si_overrun > 0 ? (uint32_t)info->si_overrun : 0u);
}

#endif
