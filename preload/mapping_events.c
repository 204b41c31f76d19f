/*
 * Recording of mappings. Its own file because the hooks must stay short.
 */
#include "preload/mapping_events.h"

#include "preload/bell.h"
#include "preload/chores.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/ring_format.h"
#include "preload/heap_exact.h"
#include "preload/heap_pool.h"
#include "preload/nap.h"
#include "preload/ring.h"
#include "preload/sampler.h"
#include "preload/signals.h"
#include "preload/threads.h"

/* As for the heap: what is given back may fill the ring, what is made leaves room. */
#define MADE_FILL (RING_DATA_SIZE / 4 * 3)

#define STALL_NS 1000000000u /* without room, and nobody waits any more */
#define TURN_NS 100000u      /* between looks for it */

static struct ring_file *ring;
static bool stalled;

void mapping_events_init(struct ring_file *file)
{
    ring = file;
    stalled = false;
}

void mapping_events_begin(void)
{
    if (ring && heap_exact_is_asked())
        nap_wake();
    else if (ring)
        nap_stir();
    chores_at_hook(); /* what goes now was there */
}

static void count_lost(void)
{
    __atomic_add_fetch(&ring->mappings_lost, 1, __ATOMIC_RELAXED);
}

static uint32_t take_stack(struct thread *thread)
{
    ucontext_t context;
    uint32_t stack;
    platform_capture_sigsafe(&context);
    return sampler_take_stack_sigsafe(thread, &context, &stack) == 0 ? stack : TRACE_STACK_BROKEN;
}

/* Waits for room, as exact mode does for events of the heap; not for long, with the target's
 * signals blocked: the servant makes it within milliseconds or not at all. */
static struct ring_heap *await_room(struct ring_slot *slot, uint64_t fill)
{
    const uint64_t deadline = libc_clock_now_sigsafe() + STALL_NS;
    struct ring_heap *record = NULL;
    const uint32_t never = 0;
    while (!record && heap_pool_is_open() && !__atomic_load_n(&stalled, __ATOMIC_RELAXED)) {
        bell_ring_sigsafe();
        bell_wait_word(&never, 0, TURN_NS);
        record = ring_reserve_event_sigsafe(slot, fill);
        if (!record && libc_clock_now_sigsafe() >= deadline)
            __atomic_store_n(&stalled, true, __ATOMIC_RELAXED);
    }
    return record;
}

static struct ring_heap *reserve(struct ring_slot *slot, bool made)
{
    uint64_t fill = made ? MADE_FILL : RING_DATA_SIZE;
    struct ring_heap *record = ring_reserve_event_sigsafe(slot, fill);
    return record ? record : await_room(slot, fill);
}

static bool add(struct thread *thread, const struct mapping_event *event, bool made)
{
    uint32_t stack = made ? take_stack(thread) : TRACE_STACK_COMPLETE;
    struct ring_heap *record = reserve(thread->slot, made);
    if (!record)
        return false;
    record->kind = event->kind;
    record->time_ns = event->time_ns;
    record->address = event->address;
    record->size = event->length;
    record->stack = stack;
    record->region = thread->region;
    ring_commit_sigsafe(record, sizeof *record, RING_MAPPING);
    return true;
}

bool mapping_events_add(const struct mapping_event *event)
{
    struct thread *thread = threads_current_sigsafe();
    bool made = event->kind >= TRACE_MAPPING_MAP;
    if (!ring || (made && !sampler_enabled_sigsafe()))
        return false;
    /* As with a sample of the heap: handlers may map as well, and leave by longjmp(). */
    uint64_t signals = signals_block_all_sigsafe();
    bool recorded = thread && add(thread, event, made);
    signals_restore_sigsafe(signals);
    if (!recorded)
        count_lost();
    return recorded;
}
