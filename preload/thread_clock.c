/*
 * Starting and stopping clocks of threads. Its own file because a clock may be started
 * in two steps, by two threads.
 */
#include "preload/thread_clock.h"

#include "preload/bell.h"
#include "preload/clock_perf.h"
#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/platform.h"

#include <errno.h>

#define DOOMED_MAX 256 /* more stay until exec or exit */

static struct ring_file *ring;
static const struct clock *wanted;
static uint64_t period_ns;
static int doomed[DOOMED_MAX]; /* timers left to the servant */
static int doomed_count;
static PLATFORM_FORK_DATA int ahead = -1; /* a timer that began before its thread was known */

void thread_clock_init(struct ring_file *file, const struct clock *clock, uint64_t period)
{
    ring = file;
    wanted = clock;
    period_ns = period;
    doomed_count = 0;
    clock_perf_forget();
}

static uint64_t cpu_clock_ns(const struct thread *thread)
{
    return libc_clock_read_sigsafe(platform_thread_clock(thread->tid));
}

static void lose(void)
{
    __atomic_add_fetch(&ring->lost_threads, 1, __ATOMIC_RELAXED);
}

bool thread_clock_start_ahead(struct thread *thread, int tid)
{
    return !wanted->process_wide && clock_cpu.start(tid, thread, period_ns, &ahead) == 0;
}

static void start_timer(struct thread *thread, int *timer)
{
    *timer = ahead;
    ahead = -1;
    if (*timer >= 0)
        return;
    int status = clock_cpu.start(thread->tid, thread, period_ns, timer);
    if (status != 0 && status != -ESRCH)
        lose();
}

static void stop_timer(int timer)
{
    if (!confinement_any_sigsafe())
        clock_cpu.stop(timer);
    else if (doomed_count < DOOMED_MAX && !confinement_all())
        doomed[doomed_count++] = timer;
}

void thread_clock_stop_ahead(void)
{
    if (ahead >= 0)
        stop_timer(ahead);
    ahead = -1;
}

static void stop_early_timer(struct thread *thread)
{
    int timer = thread->early_timer;
    thread->early_timer = -1;
    if (timer >= 0)
        stop_timer(timer);
}

void thread_clock_start(struct thread *thread)
{
    thread->waiting = wanted->by_servant || (confinement_any_sigsafe() && !confinement_all());
    if (confinement_all())
        lose();
    else if (thread->waiting) {
        thread->overtaken = false;
        thread->late_periods = 0;
        thread->armed_ns = cpu_clock_ns(thread);
        thread->armed_periods = thread->slot->periods;
        if (!confinement_any_sigsafe())
            start_timer(thread, &thread->early_timer);
        bell_ring_sigsafe();
    } else if (!wanted->process_wide) {
        thread->clock = &clock_cpu;
        start_timer(thread, &thread->timer);
    }
}

void thread_clock_stop(struct thread *thread)
{
    int timer = thread->timer;
    thread->waiting = false;
    stop_early_timer(thread);
    thread->timer = -1;
    if (timer >= 0 && thread->clock->by_servant)
        thread->clock->stop(timer);
    else if (timer >= 0)
        stop_timer(timer);
}

void thread_clock_serve_process(void)
{
    while (doomed_count > 0 && !confinement_all())
        clock_cpu.stop(doomed[--doomed_count]);
    if (wanted->by_servant)
        clock_perf_serve();
}

/* The clock asked for, or for good the timer the thread has or can have. */
static void start_late(struct thread *thread)
{
    thread->waiting = false;
    if (wanted->process_wide)
        return;
    thread->clock = wanted;
    int status = wanted->start(thread->tid, thread, period_ns, &thread->timer);
    if (status == 0 && cpu_clock_ns(thread) > thread->armed_ns)
        thread->late_periods = (cpu_clock_ns(thread) - thread->armed_ns) / period_ns;
    int handle = __atomic_load_n(&thread->timer, __ATOMIC_ACQUIRE);
    /* A thread that ends stops its clock without the lock: it may have done so by now. */
    if (status == 0 && wanted == &clock_perf && handle >= 0)
        clock_perf_follow(handle, thread->slot);
    if (status == 0 || status == -ESRCH)
        return;
    thread->clock = &clock_cpu;
    thread->timer = thread->early_timer;
    thread->early_timer = -1;
    if (thread->timer < 0)
        start_timer(thread, &thread->timer);
}

void thread_clock_serve(struct thread *thread)
{
    if (thread->waiting && !confinement_all())
        start_late(thread);
    if (thread->overtaken)
        stop_early_timer(thread);
}

void thread_clock_begin_pause(struct ring_slot *slot, uint64_t cpu_ns)
{
    if (!slot->paused_since_ns)
        __atomic_store_n(&slot->paused_since_ns, cpu_ns, __ATOMIC_RELEASE);
}

void thread_clock_end_pause(struct ring_slot *slot, uint64_t cpu_ns)
{
    uint64_t since = slot->paused_since_ns;
    if (!since)
        return;
    __atomic_store_n(&slot->paused_since_ns, 0, __ATOMIC_RELEASE);
    if (cpu_ns > since)
        __atomic_store_n(&slot->paused_ns, slot->paused_ns + cpu_ns - since, __ATOMIC_RELAXED);
}

/* The first tick of a clock that came late; false when earlier ticks stand for it. */
static bool overtake_sigsafe(struct thread *thread, struct clock_tick *tick)
{
    uint64_t passed = thread->late_periods + tick->weight;
    uint64_t sampled = thread->slot->periods - thread->armed_periods;
    thread->overtaken = true;
    if (sampled >= passed)
        return false;
    tick->weight = (uint32_t)(passed - sampled);
    return true;
}

bool thread_clock_ticks_sigsafe(struct thread *thread, struct clock_tick *tick)
{
    if (tick->clock == &clock_cpu && tick->handle == thread->early_timer)
        return !thread->overtaken;
    if (tick->clock != thread->clock || tick->handle != thread->timer)
        return false;
    bool late = tick->clock->by_servant && !thread->overtaken;
    return late ? overtake_sigsafe(thread, tick) : true;
}
