/*
 * Per-thread CPU timers. Its own file because each clock is one.
 */
#include "preload/clock_cpu.h"

#include "preload/platform.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* A number in [1, limit]: the first expiry must not beat with the target's own
 * rhythm; quality matters little. */
static uint64_t random_up_to(int tid, uint64_t limit)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t seed = (uint64_t)now.tv_nsec * 0x9E3779B97F4A7C15u + (uint64_t)tid;
    seed = (seed ^ seed >> 29) * 0xBF58476D1CE4E5B9u;
    return 1 + (seed ^ seed >> 32) % limit;
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u),
                             .tv_nsec = (long)(ns % 1000000000u)};
}

uint64_t clock_cpu_tick_ns(void)
{
    struct timespec tick = {0, 0};
    clock_getres(CLOCK_MONOTONIC_COARSE, &tick); /* it moves with the tick */
    return (uint64_t)tick.tv_nsec;
}

int clock_cpu_start(int tid, void *value, uint64_t period_ns)
{
    struct sigevent event;
    int timer = -1;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGPROF;
    event.sigev_value.sival_ptr = value;
    event.sigev_notify_thread_id = tid;
    long status = platform_syscall4_sigsafe(SYS_timer_create, platform_thread_clock(tid),
                                            (long)&event, (long)&timer, 0);
    if (status != 0)
        return (int)status;
    uint64_t latest = clock_cpu_tick_ns() > period_ns ? 1 : period_ns;
    struct itimerspec times = {.it_interval = timespec_of(period_ns),
                               .it_value = timespec_of(random_up_to(tid, latest))};
    status = platform_syscall4_sigsafe(SYS_timer_settime, timer, 0, (long)&times, 0);
    if (status != 0) {
        clock_cpu_stop(timer);
        return (int)status;
    }
    return timer;
}

void clock_cpu_stop(int timer)
{
    platform_syscall4_sigsafe(SYS_timer_delete, timer, 0, 0, 0);
}
