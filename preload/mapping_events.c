/*
 * Recording of mappings. Its own file because the hooks must stay short.
 */
#include "preload/mapping_events.h"

#include "preload/contract/ring_format.h"
#include "preload/ring.h"
#include "preload/sampler.h"
#include "preload/signals.h"
#include "preload/threads.h"

/* As for the heap: what is given back may fill the ring, what is made leaves room. */
#define MADE_FILL (RING_DATA_SIZE / 4 * 3)

static struct ring_file *ring;

void mapping_events_init(struct ring_file *file)
{
    ring = file;
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
    return sampler_take_stack_sigsafe(thread, &thread->heap_walk, &context, &stack) == 0
               ? stack
               : TRACE_STACK_BROKEN;
}

static bool add(struct thread *thread, const struct mapping_event *event, bool made)
{
    uint32_t stack = made ? take_stack(thread) : TRACE_STACK_COMPLETE;
    struct ring_heap *record =
        ring_reserve_event_sigsafe(thread->slot, made ? MADE_FILL : RING_DATA_SIZE);
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
