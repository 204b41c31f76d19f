/*
 * Telling clocks apart and choosing one. Its own file because the handler and the
 * session ask the same question: which clocks are there?
 */
#include "preload/clock.h"

#include "preload/clock_perf.h"
#include "preload/clock_timer.h"
#include "preload/platform.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#define TRIAL_PERIOD_NS 3600000000000u /* nobody waits for it */

bool clock_read_sigsafe(const siginfo_t *info, struct clock_tick *tick)
{
    if (info->si_code == SI_TIMER) {
        tick->handle = info->si_timerid;
        tick->value = info->si_value.sival_ptr;
        tick->clock = &clock_cpu;
        if (tick->value == clock_timer_process_value_sigsafe()) {
            tick->clock = &clock_itimer;
            tick->value = NULL;
        }
        /* CPU timers ride on the kernel's tick: a signal stands for the periods that
         * passed unseen as well. */
        tick->weight = 1u + (info->si_overrun > 0 ? (uint32_t)info->si_overrun : 0u);
        return true;
    }
    tick->clock = &clock_perf;
    tick->weight = 1;
    return clock_perf_read_sigsafe(info, &tick->handle, &tick->value);
}

uint64_t clock_tick_ns(void)
{
    static struct timespec tick; /* asked once: fork children have it from us */
    if (!tick.tv_nsec)
        clock_getres(CLOCK_MONOTONIC_COARSE, &tick); /* it moves with the tick */
    return (uint64_t)tick.tv_nsec;
}

/* 0 when a timer could be had. */
static int try_timer(const struct clock *clock)
{
    int handle = -1;
    int self = (int)platform_syscall4_sigsafe(SYS_gettid, 0, 0, 0, 0);
    int status = clock->start(self, NULL, TRIAL_PERIOD_NS, &handle);
    if (status == 0)
        clock->stop(handle);
    return status;
}

const struct clock *clock_choose(const char *name, char *why, size_t why_size)
{
    why[0] = '\0';
    if (strcmp(name, "itimer") == 0)
        return &clock_itimer;
    if (strcmp(name, "perf") == 0 && clock_perf_try(why, why_size) == 0)
        return &clock_perf;
    int status = try_timer(&clock_cpu);
    /* For want of room a timer may be had later on; of another kind it would need as much. */
    if (status == 0 || status == -EAGAIN)
        return &clock_cpu;
    if (!why[0])
        snprintf(why, why_size, "clock cpu: no timer on a thread's CPU clock: %s; using itimer",
                 strerrordesc_np(-status));
    return try_timer(&clock_itimer) == 0 ? &clock_itimer : NULL;
}
