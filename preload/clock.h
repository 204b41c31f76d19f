/*
 * Sampling clocks: what makes the profiling signal come. Each clock is a file of its
 * own behind struct clock; which one ticked is read off the signal here.
 *
 * A handle is the clock's name for what it started: a timer, a descriptor. Starting
 * and stopping allocates nothing and may be done by any thread, unless `by_servant`.
 */
#ifndef PROFINJECT_CLOCK_H
#define PROFINJECT_CLOCK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock {
    const char *name;    /* as the setting and `info` have it */
    bool process_wide;   /* one for the process; `tid` and `value` are not looked at */
    bool rides_on_ticks; /* fires at no other time than the kernel's tick */
    bool by_servant;     /* its handles live in the servant's descriptor table */

    /*
     * A signal to thread `tid`, carrying `value`, every `period_ns` of its CPU time.
     * *handle is set before the first can come, and is -1 when the call fails: with
     * -errno (-EAGAIN: RLIMIT_SIGPENDING; -ESRCH: no such thread).
     */
    int (*start)(int tid, void *value, uint64_t period_ns, int *handle);
    void (*stop)(int handle);
};

extern const struct clock clock_cpu, clock_itimer, clock_perf;

/* What a signal of ours says. */
struct clock_tick {
    const struct clock *clock;
    int handle;
    void *value;     /* NULL: the clock is process-wide */
    uint32_t weight; /* periods it stands for */
};

/* False when the signal comes from no clock. SI_TIMER's `value` is only what was sent:
 * the caller looks whether it knows it. */
bool clock_read_sigsafe(const siginfo_t *info, struct clock_tick *tick);

/*
 * The clock for that setting ("auto", "cpu", "perf", "itimer"), tried out on the
 * calling thread. Where it is not to be had, another one, with the reason in `why`
 * ("" otherwise); NULL when there is none at all.
 */
const struct clock *clock_choose(const char *name, char *why, size_t why_size);

/* The kernel's tick. */
uint64_t clock_tick_ns(void);

#endif
