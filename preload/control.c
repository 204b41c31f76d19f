/*
 * Starting and stopping on request. Its own file because requests come from four
 * sides, two of which (the signal, the other process) can only leave a note for the
 * servant.
 */
#include "preload/control.h"

#include "preload/bell.h"
#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/scheduling.h"
#include "preload/sampler.h"
#include "preload/threads.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

static struct {
    struct control_plan plan;
    struct ring_file *ring;
    pthread_mutex_t lock; /* held while switching, never while waiting for the servant */
    bool on, ended;
    bool planned; /* control_start() has looked: from then on the plan is the servant's */
} control = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Arming timers takes a lock and system calls: left to the servant. */
static void toggle_sigsafe(int signal)
{
    struct ring_file *ring = __atomic_load_n(&control.ring, __ATOMIC_ACQUIRE);
    (void)signal;
    if (!ring)
        return;
    __atomic_xor_fetch(&ring->requests, RING_ASK_TOGGLE, __ATOMIC_RELEASE);
    __atomic_add_fetch(&ring->asked, 1, __ATOMIC_RELEASE); /* pairs with control_asked() */
    if (!confinement_is_strict_sigsafe()) /* else the servant sees it the next time */
        bell_ring_sigsafe();
}

void control_init(const struct control_plan *plan)
{
    struct sigaction action = {.sa_handler = toggle_sigsafe, .sa_flags = SA_RESTART};
    control.plan = *plan;
    if (plan->toggle_signal)
        sigaction(plan->toggle_signal, &action, NULL);
}

void control_use_ring(struct ring_file *ring)
{
    __atomic_store_n(&control.ring, ring, __ATOMIC_RELEASE);
    bell_use(ring ? &ring->bell : NULL);
}

void control_lock(void)
{
    pthread_mutex_lock(&control.lock);
}

void control_unlock(void)
{
    pthread_mutex_unlock(&control.lock);
}

bool control_is_free(void)
{
    bool is_free = pthread_mutex_trylock(&control.lock) == 0;
    if (is_free)
        pthread_mutex_unlock(&control.lock);
    return is_free;
}

bool control_has_no_plan(void)
{
    const struct control_plan *plan = &control.plan;
    return plan->start_ns <= libc_clock_now_sigsafe() && !plan->end_ns && !plan->toggle_signal;
}

/* Who is cancelled where a file is opened would leave the lock held. */
void control_switch(bool on)
{
    int saved_errno = errno, cancel;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    pthread_mutex_lock(&control.lock);
    if (!control.ended) {
        control.on = on;
        sampler_enable(on);
        if (on)
            threads_arm_all();
        else
            threads_disarm_all();
        if (control.ring) {
            if (on && !confinement_any_sigsafe())
                scheduling_begin_all_late(control.ring);
            scheduling_switch(control.ring, on, libc_clock_now_sigsafe());
            __atomic_store_n(&control.ring->sampling, on, __ATOMIC_RELEASE);
        }
    }
    pthread_mutex_unlock(&control.lock);
    pthread_setcancelstate(cancel, NULL);
    errno = saved_errno;
}

bool control_is_on(void)
{
    return control.on;
}

bool control_is_settled(void)
{
    return control.on && control_has_no_plan();
}

void control_end(void)
{
    control_switch(false);
    control.ended = true;
}

/* What is past will not come again. */
static void drop_past(struct control_plan *plan, uint64_t now)
{
    if (plan->end_ns && now >= plan->end_ns)
        plan->end_ns = 0, plan->start_ns = 0;
    else if (now >= plan->start_ns)
        plan->start_ns = 0;
}

void control_start(void)
{
    struct control_plan *plan = &control.plan;
    uint64_t now = libc_clock_now_sigsafe();
    bool inside = now >= plan->start_ns && (!plan->end_ns || now < plan->end_ns);
    if (plan->paused)
        plan->start_ns = 0;
    else if (inside)
        control_switch(true);
    drop_past(plan, now);
    __atomic_store_n(&control.planned, true, __ATOMIC_RELEASE); /* pairs with serve_plan() */
    bell_ring_sigsafe();                                        /* it waits for the next time */
}

static bool serve_plan(void)
{
    struct control_plan *plan = &control.plan;
    if (!__atomic_load_n(&control.planned, __ATOMIC_ACQUIRE))
        return false;
    uint64_t now = libc_clock_now_sigsafe();
    bool starts = plan->start_ns && now >= plan->start_ns;
    bool ends = plan->end_ns && now >= plan->end_ns;
    drop_past(plan, now);
    if (starts || ends)
        control_switch(!ends);
    return ends;
}

bool control_serve(void)
{
    bool flush = serve_plan();
    uint32_t requests = __atomic_exchange_n(&control.ring->requests, 0, __ATOMIC_ACQUIRE);
    if (requests & RING_ASK_TOGGLE)
        requests |= control.on ? RING_ASK_PAUSE : RING_ASK_RESUME;
    if (requests & RING_ASK_PAUSE)
        control_switch(false);
    else if (requests & RING_ASK_RESUME)
        control_switch(true);
    return flush || (requests & (RING_ASK_FLUSH | RING_ASK_PAUSE));
}

uint32_t control_asked(void)
{
    return __atomic_load_n(&control.ring->asked, __ATOMIC_ACQUIRE);
}

void control_answer(uint32_t asked)
{
    if (__atomic_load_n(&control.ring->answered, __ATOMIC_RELAXED) == asked)
        return;
    __atomic_store_n(&control.ring->answered, asked, __ATOMIC_RELEASE);
    bell_wake_word_sigsafe(&control.ring->answered);
}

uint64_t control_wait_ns(uint64_t most)
{
    const struct control_plan *plan = &control.plan;
    uint64_t next = plan->start_ns ? plan->start_ns : plan->end_ns;
    uint64_t now = libc_clock_now_sigsafe();
    if (!__atomic_load_n(&control.planned, __ATOMIC_ACQUIRE) || !next)
        return most;
    uint64_t wait = next > now ? next - now : 0;
    return wait < most ? wait : most;
}

void control_fork_child(void)
{
    const pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
    control.lock = fresh; /* another thread may have held it */
    control_use_ring(NULL);
}
