/* Doing chores. Its own file because it is the servant's round without a servant. */
#include "preload/chores.h"

#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/pace.h"
#include "preload/control.h"
#include "preload/hard_states.h"
#include "preload/heap_sample.h"
#include "preload/outside.h"
#include "preload/platform.h"
#include "preload/quiet.h"
#include "preload/resident.h"
#include "preload/signals.h"
#include "preload/stack_table.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#define STACK_NEEDED (64u << 10)
#define HOLD_NS 50000000ull /* more than a look takes */

static struct ring_file *ring;
static uint64_t begun_ns;
static uint32_t under_way;

/* By these the handler does what ordinary code does, where it is in the place of ordinary code,
 * and its thread is not to be cancelled anywhere; or, of the second, has found that what it
 * needs is free. */
static void (*work)(void);
static void (*switch_now)(void);

static bool wait_sigsafe(void)
{
    if (PLATFORM_UNLIKELY(!ring) || !outside_is_on_sigsafe())
        return false;
    uint32_t chores = __atomic_load_n(&ring->chores, __ATOMIC_RELAXED);
    if (PLATFORM_UNLIKELY(chores & RING_CHORES_CONFINED))
        confinement_note_sigsafe(true);
    return (chores || hard_states_are_wanted_sigsafe()) && !confinement_any_sigsafe();
}

static void switch_as(uint32_t wanted)
{
    if (wanted & RING_CHORES_PAUSE)
        control_switch(false);
    else if (wanted & RING_CHORES_RESUME)
        control_switch(true);
}

static void look(void)
{
    uint64_t age_ns = libc_clock_now_sigsafe() - begun_ns;
    heap_sample_flush();
    signals_keep();
    threads_scan(0, false);
    stack_table_extend(ring);
    resident_tell(pace_soon_ns(age_ns, PACE_WRITE_MIN_NS, PACE_MEMORY_MAX_NS), ring);
}

/* A child of vfork() has our memory, and the thread's, but no thread of ours: looking after them
 * there it would find that all have ended. */
static bool is_ours(void)
{
    return platform_syscall4_sigsafe(SYS_getpid, 0, 0, 0, 0) == ring->pid;
}

/* Nobody interrupts this: a handler left by longjmp() would leave our locks held, as would a
 * thread that is cancelled where it opens a file. */
static void do_all(void)
{
    int saved_errno = errno, cancel;
    if (!is_ours())
        return;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    uint64_t before = signals_block_all_sigsafe();
    struct ring_memory *counts = threads_memory_pointer;
    threads_pause_counts(); /* libunwind may allocate */
    if (!__atomic_exchange_n(&under_way, 1, __ATOMIC_ACQUIRE)) {
        uint32_t wanted = __atomic_exchange_n(&ring->chores, 0, __ATOMIC_ACQUIRE);
        switch_as(wanted);
        hard_states_make();
        if (wanted & RING_CHORES_LOOK)
            look();
        __atomic_store_n(&under_way, 0, __ATOMIC_RELEASE);
    }
    threads_memory_pointer = counts;
    signals_restore_sigsafe(before);
    pthread_setcancelstate(cancel, NULL);
    errno = saved_errno;
}

/* A thread that may be cancelled at any instruction would be where it is enabled again: in the handler,
 * and what it does on its way out would find all signals blocked. */
static void do_all_if_kept(void)
{
    int type;
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &type);
    if (type == PTHREAD_CANCEL_DEFERRED)
        do_all();
    else
        pthread_setcanceltype(type, NULL);
}

bool chores_hold(void)
{
    uint64_t deadline = libc_clock_now_sigsafe() + HOLD_NS;
    while (__atomic_exchange_n(&under_way, 1, __ATOMIC_ACQUIRE)) {
        if (libc_clock_now_sigsafe() > deadline)
            return false;
        sched_yield();
    }
    return true;
}

void chores_release(void)
{
    __atomic_store_n(&under_way, 0, __ATOMIC_RELEASE);
}

/* Held by the code that was interrupted they would never be had: then the keeper calls again. */
static void switch_if_free(void)
{
    const uint32_t switches = RING_CHORES_PAUSE | RING_CHORES_RESUME;
    if (control_is_free() && threads_are_free())
        switch_as(__atomic_fetch_and(&ring->chores, ~switches, __ATOMIC_ACQ_REL));
}

void chores_use_ring(struct ring_file *file)
{
    ring = file;
    begun_ns = libc_clock_now_sigsafe();
    under_way = 0; /* in a fork child: of a thread it has not */
    work = do_all_if_kept;
    switch_now = switch_if_free;
}

void chores_at_hook(void)
{
    if (wait_sigsafe() && !confinement_is_strict_sigsafe() && threads_stack_has(STACK_NEEDED))
        do_all();
}

void chores_after_sample_sigsafe(struct thread *thread)
{
    if (!wait_sigsafe() || __atomic_load_n(&under_way, __ATOMIC_RELAXED))
        return;
    if (threads_memory_pointer == &thread->slot->memory)
        threads_memory_pointer = NULL; /* the next allocation comes by threads_memory_slow() */
    if (quiet_is_here_sigsafe(thread))
        work();
}

bool chores_called_sigsafe(const siginfo_t *info)
{
    if (info->si_code != SI_QUEUE || !ring || info->si_value.sival_ptr != (void *)ring->nonce)
        return false;
    if (wait_sigsafe())
        switch_now();
    return true;
}
