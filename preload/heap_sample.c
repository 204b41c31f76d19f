/*
 * Taking samples of the heap. Its own file because the hooks must stay short, and this
 * is where they go when they are not.
 */
#include "preload/heap_sample.h"

#include "preload/bell.h"
#include "preload/byte_sampler.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/ring_format.h"
#include "preload/ring.h"
#include "preload/sampler.h"
#include "preload/threads.h"

/* Frees are recorded until the ring is full, allocations only up to here: a block whose
 * free is lost would seem to live for ever. */
#define ALLOCATIONS_FILL (RING_DATA_SIZE / 4 * 3)
#define BELL_FILL (RING_DATA_SIZE / 2)

static struct ring_file *ring;
static uint64_t interval;

int heap_sample_init(struct ring_file *file, uint64_t mean)
{
    ring = file;
    interval = 0;
    heap_live_forget();
    int status = mean ? heap_live_init() : 0;
    interval = status == 0 ? mean : 0;
    return status;
}

static void count_lost(void)
{
    __atomic_add_fetch(&ring->heap_lost, 1, __ATOMIC_RELAXED);
}

/* A record in the thread's ring; NULL, counted, when it is fuller than `fill` bytes. */
static struct ring_heap *reserve(struct ring_slot *slot, uint64_t fill)
{
    uint64_t used = __atomic_load_n(&slot->reserved, __ATOMIC_RELAXED) -
                    __atomic_load_n(&slot->consumed, __ATOMIC_RELAXED);
    struct ring_heap *record =
        used < fill ? ring_reserve_sigsafe(slot, sizeof(struct ring_heap)) : NULL;
    if (used < BELL_FILL && used + sizeof *record >= BELL_FILL)
        bell_ring_sigsafe();
    if (!record)
        count_lost();
    return record;
}

/* Where this was called from, for a walk. */
static bool take_stack(struct thread *thread, uint32_t *stack)
{
    ucontext_t context;
    platform_capture_sigsafe(&context);
    return sampler_take_stack_sigsafe(thread, &thread->heap_walk, &context, stack);
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
    struct ring_heap *record = reserve(thread->slot, ALLOCATIONS_FILL);
    if (!record)
        return;
    bool tracked = heap_live_put_sigsafe(&live);
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
    *left = byte_sampler_next_sigsafe(&thread->bytes, interval) - (int64_t)size;
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
    /* The target's own signal handlers may allocate while this is on its way. */
    if (thread->in_heap || !sampler_enabled_sigsafe())
        return block;
    thread->in_heap = true;
    take_sample(thread, block, size, resized);
    thread->in_heap = false;
    return block;
}

bool heap_sample_release(void *block, struct heap_release *release)
{
    release->time_ns = libc_clock_now_sigsafe();
    return heap_live_take_sigsafe(block, &release->block);
}

void heap_sample_released(const struct heap_release *release, bool resized)
{
    const struct heap_live_block *block = &release->block;
    struct thread *thread = threads_current_sigsafe();
    struct ring_heap *record = thread ? reserve(thread->slot, RING_DATA_SIZE) : NULL;
    if (!record)
        return;
    bool temporary = block->thread == (uint32_t)thread->slot->serial &&
                     block->allocation == (uint32_t)thread->slot->memory.alloc_count;
    record->kind = resized     ? TRACE_HEAP_RESIZED
                   : temporary ? TRACE_HEAP_TEMPORARY
                               : TRACE_HEAP_FREE;
    record->time_ns = release->time_ns;
    record->address = block->address;
    ring_commit_sigsafe(record, sizeof *record, RING_HEAP);
}

void heap_sample_kept(const struct heap_release *release)
{
    heap_live_put_sigsafe(&release->block);
}
