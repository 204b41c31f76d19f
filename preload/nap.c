/*
 * Napping. Its own file because whether to wake is asked in the handler, in hooks and
 * at the end, and done by the session.
 */
#include "preload/nap.h"

#include "preload/modules.h"
#include "preload/platform.h"
#include "preload/signals.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <stddef.h>
#include <stdlib.h>

/* Samples after which the handler tries what no hook has done: 60 ms at 250 Hz. The
 * ring holds 680. */
#define SAMPLES_PATIENT 16u
/* Making the file and the thread goes 12 KiB deep. */
#define STACK_NEEDED (64u << 10)
/* From the root on: _start, two of the C library's, or three of a thread's. */
#define ROOT_FRAMES 3u

static PLATFORM_FORK_DATA void (*stir_up)(void);
static PLATFORM_FORK_DATA bool on, deep;
static void (*wake_up)(void);
static bool waking;
static uint64_t delicate[5]; /* an address in each module that is; 0: none */

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
    delicate[0] = (uint64_t)&gnu_get_libc_version;
    delicate[1] = (uint64_t)&nap_begin;
    delicate[2] = modules_loader_sigsafe();
    delicate[3] = (uint64_t)&malloc; /* the program's, where it has one of its own */
    delicate[4] = allocator;
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

/* Where code may hold a lock that making a thread takes: the C library, the loader, the
 * allocator, whosever it is, and ourselves, through whom it is called. */
static bool is_delicate_sigsafe(uint64_t pc)
{
    struct module_tables here, other;
    if (!modules_find_sigsafe(pc, &here))
        return true;
    for (size_t i = 0; i < sizeof delicate / sizeof delicate[0]; i++)
        if (delicate[i] && modules_find_sigsafe(delicate[i], &other) && other.start == here.start)
            return true;
    return false;
}

/* True when nothing but code of the target's own is under way. */
static bool is_alone_sigsafe(const struct walk *walk)
{
    uint32_t outer = walk->reused < ROOT_FRAMES ? ROOT_FRAMES - walk->reused : 0;
    if (walk->root != TRACE_STACK_COMPLETE)
        return false;
    for (uint32_t i = 0; i + outer < walk->depth; i++)
        if (is_delicate_sigsafe(walk->codes[i] >> TRACE_NODE_BITS))
            return false;
    for (uint32_t i = ROOT_FRAMES; i < walk->reused; i++)
        if (is_delicate_sigsafe(walk->memory.frames[i].code >> TRACE_NODE_BITS))
            return false;
    return true;
}

/* On the thread's own stack, with room. */
static bool has_room_sigsafe(const struct stack_bounds *bounds)
{
    uint64_t here = (uint64_t)__builtin_frame_address(0);
    return here < bounds->high && here >= bounds->low && here - bounds->low >= STACK_NEEDED;
}

void nap_note_sample_sigsafe(struct thread *thread)
{
    threads_memory_pointer = NULL; /* the next allocation comes by threads_memory_slow() */
    if (thread->slot->samples >= SAMPLES_PATIENT && !waking && has_room_sigsafe(&thread->bounds) &&
        is_alone_sigsafe(&thread->walk)) {
        waking = true;
        wake_up();
        waking = false;
    }
}
