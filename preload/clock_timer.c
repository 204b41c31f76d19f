/*
 * CPU timers. One file because `cpu` and `itimer` differ in the clock and the
 * addressee of one and the same call.
 */
#include "preload/clock_timer.h"

#include "preload/clock.h"
#include "preload/contract/libc_clock.h"
#include "preload/platform.h"
#include "preload/signals.h"

#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static char process_value;

void *clock_timer_process_value_sigsafe(void)
{
    return &process_value;
}

/* A number in [1, limit]: the first expiry must not beat with the target's own
 * rhythm; quality matters little. */
static uint64_t random_up_to(int tid, uint64_t limit)
{
    uint64_t seed = libc_clock_now_sigsafe() * 0x9E3779B97F4A7C15u + (uint64_t)tid;
    seed = (seed ^ seed >> 29) * 0xBF58476D1CE4E5B9u;
    return 1 + (seed ^ seed >> 32) % limit;
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u),
                             .tv_nsec = (long)(ns % 1000000000u)};
}

static void stop(int timer)
{
    platform_syscall4_sigsafe(SYS_timer_delete, timer, 0, 0, 0);
}

/* Makes a timer as `event` says, and arms it. */
static int start(int clock, struct sigevent *event, int tid, uint64_t period_ns, int *handle)
{
    int timer = -1;
    *handle = -1;
    event->sigev_signo = SIGNALS_OURS;
    long status = platform_syscall4_sigsafe(SYS_timer_create, clock, (long)event, (long)&timer, 0);
    if (status != 0)
        return (int)status;
    __atomic_store_n(handle, timer, __ATOMIC_RELEASE);
    uint64_t latest = clock_tick_ns() > period_ns ? 1 : period_ns;
    struct itimerspec times = {.it_interval = timespec_of(period_ns),
                               .it_value = timespec_of(random_up_to(tid, latest))};
    status = platform_syscall4_sigsafe(SYS_timer_settime, timer, 0, (long)&times, 0);
    if (status != 0) {
        *handle = -1;
        stop(timer);
    }
    return (int)status;
}

static int start_for_thread(int tid, void *value, uint64_t period_ns, int *handle)
{
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_value.sival_ptr = value;
    event.sigev_notify_thread_id = tid;
    return start(platform_thread_clock(tid), &event, tid, period_ns, handle);
}

static int start_process(int tid, void *value, uint64_t period_ns, int *handle)
{
    struct sigevent event;
    (void)value;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_value.sival_ptr = &process_value;
    return start(CLOCK_PROCESS_CPUTIME_ID, &event, tid, period_ns, handle);
}

const struct clock clock_cpu = {
    .name = "cpu", .rides_on_ticks = true, .start = start_for_thread, .stop = stop};
const struct clock clock_itimer = {
    .name = "itimer", .process_wide = true, .start = start_process, .stop = stop};
