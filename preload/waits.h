/*
 * What threads wait for, as hooks see it: a hook notes that its thread waits, calls the real
 * function, and, when that took longer than the threshold, records it with its stack.
 *
 * Hooks are called in the target's ordinary context, though that may be a signal handler of its
 * own: no lock, no allocation, errno as it was. A wait within a wait (of a handler, of a hook that
 * calls hooks) is told of alone, and left out of the one around it. What becomes of a wait is
 * in ring_records.h, WAITS.
 *
 * A wait that was left by longjmp() was nobody's end: the next hook, or sample, further up the
 * stack drops it. One that was left because the thread ends is recorded then, without a stack.
 */
#ifndef PROFINJECT_WAITS_H
#define PROFINJECT_WAITS_H

#include "preload/contract/ring_format.h"
#include "preload/contract/ticks.h"
#include "preload/io_counts.h"
#include "preload/platform.h"

#include <stdbool.h>
#include <stdint.h>

struct thread;

/* Where the calling thread says what it waits for: in its slot; NULL: nothing is watched. */
extern __thread struct ring_waiting *waits_place
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* The same for all threads since waits_init(). */
struct waits_options {
    enum ticks_kind clock;    /* 0: waits are not watched */
    uint64_t threshold_ticks; /* waits as long are looked at; at first less than it should be */
    uint64_t threshold_ns;
};
extern struct waits_options waits_options __attribute__((visibility("hidden")));

/* Waits of `threshold_ns` and more are recorded from now on, of threads that are attached
 * then. Called once, by the constructor, before waits_use_ring(). */
void waits_init(uint64_t threshold_ns);

/* Where they are recorded. A fork child calls it again. */
void waits_use_ring(struct ring_file *ring);

/* The calling thread has come to a slot; or leaves it,
 * with all signals blocked: a wait it is still in ends now. */
void waits_attach(struct ring_slot *slot);
void waits_detach(struct thread *thread);

/* The process is about to end, or become another: what threads have counted of their calls is told. */
void waits_settle(void);

/* In the calling thread nothing is watched any more: it is a fork child's, or in strict mode. */
static inline void waits_forget(void)
{
    waits_place = NULL;
    io_counts_place = NULL;
}

/* The calling thread, the only one of a fork child that sleeps deep (nap.h), waits in a place of the
 * child's own: a wait that is long makes it stir. */
void waits_nap(int tid);

/* The thread was met at stack pointer `sp`: a wait it is not in any more is dropped. */
void waits_met_sigsafe(const struct thread *thread, uint64_t sp);

/* What is told of a wait when it is over. */
struct waits_facts {
    uint32_t kind, peer; /* enum trace_wait; as TRACE_WAITS has it */
    uint64_t object;     /* likewise, or a descriptor */
    uint64_t bytes;
    const void *caller; /* of the hook: our own waits are not recorded */
};

static inline uint64_t waits_descriptor(int fd)
{
    return fd < 0 ? 0 : RING_WAIT_DESCRIPTOR | (uint64_t)fd;
}

/* One wait, in the frame of its hook. */
struct wait {
    struct ring_waiting *place; /* NULL: it is not watched */
    uint64_t ticks, hooked_ns;  /* when it began */
    struct ring_waiting outer;  /* it is in; kind 0: in none */
};

#define WAITS_INLINED static inline __attribute__((always_inline))

/* The wait begins within another one, or one that was left. */
void waits_begin_within(struct wait *wait, struct ring_waiting *place);
void waits_end_within(struct wait *wait);

/* One or more waits, to the entries and the ring of the slot: of its own thread only, with all signals
 * blocked. */
void waits_add(struct ring_slot *slot, const struct ring_wait *wait);

/* It was long enough, perhaps. errno is as before. */
void waits_record(const struct wait *wait, uint64_t end_ticks, const struct waits_facts *facts);

WAITS_INLINED bool waits_are_watched(void)
{
    return waits_place != NULL;
}

/* The thread's number, while waits_are_watched(). */
WAITS_INLINED int waits_tid(void)
{
    const char *slot = (const char *)waits_place - offsetof(struct ring_slot, waiting);
    return ((const struct ring_slot *)slot)->tid;
}

WAITS_INLINED uint64_t waits_now(void)
{
    return ticks_now_sigsafe(waits_options.clock);
}

WAITS_INLINED void waits_begin(struct wait *wait, uint32_t kind, uint64_t object, uint32_t peer)
{
    struct ring_waiting *place = waits_place;
    wait->place = place;
    if (PLATFORM_UNLIKELY(!place))
        return;
    wait->outer.kind = 0;
    if (PLATFORM_UNLIKELY(place->kind))
        waits_begin_within(wait, place);
    wait->hooked_ns = place->hooked_ns;
    place->peer = peer;
    place->object = object;
    place->sp = (uint64_t)wait;
    wait->ticks = waits_now();
    place->ticks = wait->ticks;
    /* Pairs with the drain's load, and our handler's. */
    __atomic_store_n(&place->kind, kind, __ATOMIC_RELEASE);
}

/* True when waits_record() is to follow: the wait ended at *end_ticks. The thread may be another
 * process's meanwhile, or in strict mode. */
WAITS_INLINED bool waits_end(struct wait *wait, uint64_t *end_ticks)
{
    if (!wait->place || PLATFORM_UNLIKELY(wait->place != waits_place))
        return false;
    *end_ticks = waits_now();
    __atomic_store_n(&wait->place->kind, 0, __ATOMIC_RELAXED);
    if (PLATFORM_UNLIKELY(wait->outer.kind))
        waits_end_within(wait);
    return PLATFORM_UNLIKELY(*end_ticks - wait->ticks >= waits_options.threshold_ticks);
}

#endif
