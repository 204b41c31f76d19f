/*
 * Recording of mappings. Its own file because the hooks must stay short.
 */
#include "preload/mapping_events.h"

#include "preload/contract/ring_format.h"
#include "preload/ring.h"
#include "preload/sampler.h"
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

/* The target's own signal handlers may map while the stack of an allocation, or of a mapping,
 * is taken: then it is not known where. */
static uint32_t take_stack(struct thread *thread)
{
    ucontext_t context;
    uint32_t stack = TRACE_STACK_BROKEN;
    if (thread->in_heap)
        return stack;
    thread->in_heap = true;
    platform_capture_sigsafe(&context);
    if (sampler_take_stack_sigsafe(thread, &thread->heap_walk, &context, &stack) != 0)
        stack = TRACE_STACK_BROKEN;
    thread->in_heap = false;
    return stack;
}

bool mapping_events_add(const struct mapping_event *event)
{
    struct thread *thread = threads_current_sigsafe();
    bool made = event->kind >= TRACE_MAPPING_MAP;
    if (!ring || (made && !sampler_enabled_sigsafe()))
        return false;
    uint32_t stack = thread && made ? take_stack(thread) : TRACE_STACK_COMPLETE;
    struct ring_heap *record =
        thread ? ring_reserve_event_sigsafe(thread->slot, made ? MADE_FILL : RING_DATA_SIZE) : NULL;
    if (!record) {
        count_lost();
        return false;
    }
    record->kind = event->kind;
    record->time_ns = event->time_ns;
    record->address = event->address;
    record->size = event->length;
    record->stack = stack;
    record->region = thread->region;
    ring_commit_sigsafe(record, sizeof *record, RING_MAPPING);
    return true;
}
