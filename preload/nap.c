/*
 * Napping. Its own file because whether to wake is asked in the handler, in hooks and
 * at the end, and done by the session.
 */
#include "preload/nap.h"

#include "preload/platform.h"
#include "preload/quiet.h"
#include "preload/signals.h"

#include <errno.h>

/* Samples after which the handler tries what no hook has done: 60 ms at 250 Hz. The
 * ring holds 680. */
#define SAMPLES_PATIENT 16u

static PLATFORM_FORK_DATA void (*stir_up)(void);
static PLATFORM_FORK_DATA bool on, deep;
static void (*wake_up)(void);
static bool waking;

void nap_begin_deep(void (*stir)(void))
{
    stir_up = stir;
    deep = on = true;
}

bool nap_end_deep(void)
{
    return __atomic_exchange_n(&deep, false, __ATOMIC_ACQ_REL); /* a tick may come before */
}

void nap_begin(void (*wake)(void), uint64_t allocator)
{
    wake_up = wake;
    waking = false;
    quiet_init(allocator);
    deep = false;
    __atomic_store_n(&on, true, __ATOMIC_RELEASE);
}

void nap_end(void)
{
    deep = false;
    __atomic_store_n(&on, false, __ATOMIC_RELEASE);
}

bool nap_is_on_sigsafe(void)
{
    return __atomic_load_n(&on, __ATOMIC_ACQUIRE);
}

bool nap_is_deep_sigsafe(void)
{
    return __atomic_load_n(&deep, __ATOMIC_ACQUIRE);
}

void nap_stir_sigsafe(void)
{
    if (PLATFORM_UNLIKELY(nap_is_deep_sigsafe()))
        stir_up();
}

void nap_stir(void)
{
    int saved_errno = errno;
    if (PLATFORM_LIKELY(!nap_is_deep_sigsafe()))
        return;
    uint64_t before = signals_block_all_sigsafe(); /* a tick might do it in the middle of this */
    nap_stir_sigsafe();
    signals_restore_sigsafe(before);
    errno = saved_errno;
}

void nap_wake(void)
{
    int saved_errno = errno;
    nap_stir();
    if (!nap_is_on_sigsafe() || waking)
        return;
    waking = true;
    wake_up();
    waking = false;
    errno = saved_errno;
}

void nap_note_sample_sigsafe(struct thread *thread)
{
    threads_memory_pointer = NULL; /* the next allocation comes by threads_memory_slow() */
    if (thread->slot->samples >= SAMPLES_PATIENT && !waking && quiet_is_here_sigsafe(thread)) {
        waking = true;
        wake_up();
        waking = false;
    }
}
