/*
 * Taking samples of the heap. Its own file because the hooks must stay short, and this
 * is where they go when they are not.
 */
#include "preload/heap_sample.h"

#include "preload/byte_sampler.h"
#include "preload/chores.h"
#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/ring_format.h"
#include "preload/nap.h"
#include "preload/ring.h"
#include "preload/sampler.h"
#include "preload/signals.h"
#include "preload/threads.h"

/*
 * Handlers of the target's own wait while a sample is taken: they may allocate as well, and by
 * longjmp() would leave the thread's walk half done, or a record without which nothing behind
 * it is read.
 */

/* A block whose free is lost would seem to live for ever. So frees are recorded until
 * the ring is full, allocations only up to here, and frees beyond wait for the servant. */
#define ALLOCATIONS_FILL (RING_DATA_SIZE / 4 * 3)

static struct ring_file *ring;
static uint64_t interval;

void heap_sample_init(struct ring_file *file, uint64_t mean)
{
    ring = file;
    interval = mean;
    heap_live_forget();
}

static void count_lost(void)
{
    __atomic_add_fetch(&ring->heap_lost, 1, __ATOMIC_RELAXED);
}

static void fill_free(struct ring_heap *record, uint32_t kind, uint64_t address, uint64_t time_ns)
{
    record->kind = kind;
    record->address = address;
    record->time_ns = time_ns;
    record->size = record->stack = record->region = 0;
    ring_commit_sigsafe(record, sizeof *record, RING_HEAP);
}

/* In any thread's ring: only allocations name their thread by where they stand. */
static struct ring_heap *reserve_anywhere(void)
{
    uint32_t count = __atomic_load_n(&ring->slot_count, __ATOMIC_ACQUIRE);
    struct ring_heap *record = NULL;
    for (uint32_t i = 0; i < count && !record; i++) {
        struct ring_slot *slot = ring_slot_at(ring, i);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == RING_SLOT_LIVE)
            record = ring_reserve_event_sigsafe(slot, ALLOCATIONS_FILL);
    }
    return record;
}

static bool record_late(const struct heap_late *free)
{
    struct ring_heap *record = reserve_anywhere();
    if (record)
        fill_free(record, free->kind, free->address, free->time_ns);
    return record != NULL;
}

bool heap_sample_flush(void)
{
    return !heap_live_has_late() || heap_live_each_late(record_late);
}

/* Where this was called from, for a walk. */
static bool take_stack(struct thread *thread, uint32_t *stack)
{
    ucontext_t context;
    platform_capture_sigsafe(&context);
    return sampler_take_stack_sigsafe(thread, &context, stack) == 0;
}

static void take_sample(struct thread *thread, void *block, size_t size, bool resized)
{
    struct heap_live_block live = {.address = (uint64_t)block,
                                   .thread = (uint32_t)thread->slot->serial,
                                   .allocation = (uint32_t)thread->slot->memory.alloc_count};
    uint32_t stack;
    if (!take_stack(thread, &stack)) {
        count_lost();
        return;
    }
    struct ring_heap *record = ring_reserve_event_sigsafe(thread->slot, ALLOCATIONS_FILL);
    if (!record) {
        count_lost();
        return;
    }
    bool tracked = heap_live_put(&live);
    record->kind = resized ? TRACE_HEAP_RESIZE : TRACE_HEAP_ALLOC;
    record->time_ns = libc_clock_now_sigsafe();
    record->address = live.address;
    record->size = size;
    record->stack = stack;
    record->region = thread->region;
    /* What cannot be followed to its end is not there at all. */
    ring_commit_sigsafe(record, sizeof *record, tracked ? RING_HEAP : RING_PAD);
    if (!tracked)
        count_lost();
}

/* The thread's count starts anew: true when this allocation does not reach its end. */
static bool begin(struct thread *thread, size_t size)
{
    int64_t *left = &thread->slot->memory.until_sample;
    if (thread->heap_serial == thread->slot->serial)
        return false;
    thread->heap_serial = thread->slot->serial;
    byte_sampler_init_sigsafe(&thread->bytes, libc_clock_now_sigsafe() + thread->heap_serial);
    *left = byte_sampler_next_sigsafe(&thread->bytes, interval) - heap_sample_charge(size);
    return *left >= 0;
}

void *heap_sample_alloc(void *block, size_t size, bool resized)
{
    struct thread *thread = threads_current_sigsafe();
    struct ring_memory *memory = threads_memory();
    if (!interval || !thread || memory != &thread->slot->memory) {
        memory->until_sample = INT64_MAX;
        return block;
    }
    if (begin(thread, size))
        return block;
    memory->until_sample = byte_sampler_next_sigsafe(&thread->bytes, interval);
    if (!sampler_enabled_sigsafe())
        return block;
    uint64_t signals = signals_block_all_sigsafe();
    take_sample(thread, block, size, resized);
    signals_restore_sigsafe(signals);
    nap_wake(); /* who has allocated that much lives */
    return block;
}

bool heap_sample_release(void *block, struct heap_release *release)
{
    chores_at_hook(); /* what goes now was there */
    release->time_ns = confinement_is_strict_sigsafe() ? 0 : libc_clock_now_sigsafe();
    return heap_live_take_sigsafe(block, &release->block);
}

void heap_sample_released(const struct heap_release *release, bool resized)
{
    const struct heap_live_block *block = &release->block;
    struct thread *thread = threads_current_sigsafe();
    if (confinement_is_strict_sigsafe()) /* to the recording it lives on */
        return;
    struct ring_slot *slot = thread ? thread->slot : NULL;
    bool temporary = slot && heap_live_is_of(block, slot->serial, slot->memory.alloc_count);
    uint32_t kind = resized     ? TRACE_HEAP_RESIZED
                    : temporary ? TRACE_HEAP_TEMPORARY
                                : TRACE_HEAP_FREE;
    struct heap_late late = {.address = block->address, .time_ns = release->time_ns, .kind = kind};
    uint64_t signals = signals_block_all_sigsafe();
    struct ring_heap *record = slot ? ring_reserve_event_sigsafe(slot, RING_DATA_SIZE) : NULL;
    if (record)
        fill_free(record, kind, block->address, release->time_ns);
    else if (!heap_live_put_late(&late))
        count_lost();
    signals_restore_sigsafe(signals);
}

void heap_sample_kept(const struct heap_release *release)
{
    heap_live_put(&release->block);
}
