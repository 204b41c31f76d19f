/*
 * The hooks' work in exact mode. Its own file because here meet the thread, its streams, and
 * the stacks; and which thread is whose is decided here.
 */
#include "preload/heap_exact.h"

#include "preload/chores.h"
#include "preload/contract/own_memory.h"
#include "preload/contract/ticks.h"
#include "preload/heap_others.h"
#include "preload/heap_path.h"
#include "preload/heap_pool.h"
#include "preload/heap_stream.h"
#include "preload/modules.h"
#include "preload/nap.h"
#include "preload/nesting.h"
#include "preload/ring.h"
#include "preload/sampler.h"
#include "preload/signals.h"
#include "preload/threads.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define STALL_NS 10000000000u /* without anything drained, and exactness ends */
#define LARGE (1u << 20)      /* a block that memory as a whole is looked at for */
#define POOL_MAX 4096u        /* segments, those being written to included */

/* A thread's. `memory` is the slot's while these are its figures. */
struct heap_exact {
    struct ring_memory *memory;
    struct thread *thread;
    uint64_t slot_serial;
    struct nesting nesting; /* of events under way: each has the stream of its depth */
    struct heap_stream streams[RING_STREAMS];
    struct heap_path path; /* for the first depth */
};

static struct ring_file *ring;
static struct heap_exact *table;
static size_t table_size;
static uint32_t pool_limit;
static enum ticks_kind ticks_kind;
static bool running, fast_walk;
static bool cut_short; /* there was no room */
static uint32_t depth_limit;
static struct heap_exact shared; /* of threads without a slot, see heap_others.h */

PLATFORM_TLS struct heap_exact *mine;
PLATFORM_TLS bool left_out;

void heap_exact_want(uint64_t bytes)
{
    uint64_t segments = (bytes + RING_SEGMENT_SIZE - 1) / RING_SEGMENT_SIZE;
    pool_limit = segments > POOL_MAX / 2 ? POOL_MAX / 2 : (uint32_t)segments;
    ring_want_segments(POOL_MAX);
    ticks_kind = ticks_choose();
}

bool heap_exact_is_asked(void)
{
    return pool_limit != 0;
}

void heap_exact_walk(bool fast, uint32_t max_depth)
{
    fast_walk = fast;
    depth_limit = max_depth;
}

int heap_exact_init(struct ring_file *file)
{
    running = cut_short = false;
    mine = NULL;
    memset(&shared, 0, offsetof(struct heap_exact, path));
    heap_others_init(file);
    ring = file;
    if (!pool_limit)
        return 0;
    if (table) /* a fork child: what interrupted fork itself may still have an entry */
        return madvise(table, table_size, MADV_DONTNEED) == 0 ? 0 : -ENOMEM;
    table_size = file->slot_capacity * sizeof *table;
    void *memory = mmap(NULL, table_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    table = own_memory_note(memory, table_size, true) == MAP_FAILED ? NULL : memory;
    return table ? 0 : -ENOMEM;
}

void heap_exact_start(void)
{
    if (!pool_limit)
        return;
    heap_pool_use(ring, pool_limit);
    ring->pool.clock = ticks_kind;
    ring->pool.ticks_ns = libc_clock_now_sigsafe();
    ring->pool.ticks = ticks_now_sigsafe(ticks_kind);
    __atomic_store_n(&running, true, __ATOMIC_RELEASE);
}

void heap_exact_stop(void)
{
    if (__atomic_exchange_n(&running, false, __ATOMIC_ACQ_REL))
        heap_pool_close();
}

void heap_exact_leave_out_self(void)
{
    left_out = true;
}

static void lose(void)
{
    __atomic_add_fetch(&ring->heap_lost, 1, __ATOMIC_RELAXED);
}

/* There is no room and there will be none: what would be recorded from now on is not the
 * whole truth, and not worth anything. */
static bool end_exactness(void)
{
    if (__atomic_load_n(&running, __ATOMIC_ACQUIRE)) { /* else the trace has ended */
        cut_short = true;
        lose();
    }
    heap_exact_stop();
    return false;
}

bool heap_exact_complaint(char *what, size_t size)
{
    if (!cut_short)
        return false;
    snprintf(what, size,
             "heap events are missing from some moment on: there was no memory for them, or nobody "
             "wrote them");
    return true;
}

static inline void count_alloc(struct ring_memory *memory, size_t usable)
{
    platform_add_own_sigsafe(&memory->alloc_bytes, usable);
    platform_add_own_sigsafe(&memory->alloc_count, 1);
}

static inline void count_free(struct ring_memory *memory, size_t usable)
{
    platform_add_own_sigsafe(&memory->free_bytes, usable);
    platform_add_own_sigsafe(&memory->free_count, 1);
}

/* Nobody interrupts this: events of handlers would be forgotten. */
static __attribute__((noinline, cold)) void begin_thread(struct heap_exact *own,
                                                         struct thread *thread)
{
    uint64_t signals = signals_block_all_sigsafe();
    if (own->slot_serial != thread->slot->serial) {
        memset(own, 0, offsetof(struct heap_exact, path));
        for (uint32_t i = 0; i < RING_STREAMS; i++)
            own->streams[i].number = i;
        own->thread = thread;
        own->slot_serial = thread->slot->serial;
        heap_path_begin(&own->path, own->slot_serial, thread->bounds.low, thread->bounds.high,
                        depth_limit);
    }
    signals_restore_sigsafe(signals);
}

/* The calling thread's figures; NULL when it has none, or nothing counts now. */
static struct heap_exact *find_own(void)
{
    struct thread *thread = threads_current_sigsafe();
    if (!thread || threads_memory() != &thread->slot->memory)
        return NULL;
    struct heap_exact *own = &table[ring_slot_index(ring, thread->slot)];
    if (own->slot_serial != thread->slot->serial)
        begin_thread(own, thread);
    own->memory = &thread->slot->memory;
    mine = own;
    return own;
}

/* Events that handlers left by longjmp() end here, with what they left half done. */
static __attribute__((noinline)) void forget_abandoned(struct heap_exact *own, uint64_t sp)
{
    const struct stack_bounds *bounds = &own->thread->bounds;
    if (!nesting_is_abandoned(&own->nesting, bounds, sp))
        return;
    uint64_t signals = signals_block_all_sigsafe();
    while (nesting_is_abandoned(&own->nesting, bounds, sp)) {
        uint32_t number = nesting_depth(&own->nesting) - 1;
        heap_stream_recover(&own->streams[number]);
        if (number == 0)
            heap_path_recover(&own->path);
        nesting_forget(&own->nesting);
    }
    signals_restore_sigsafe(signals);
}

static __attribute__((noinline, cold)) bool next_segment(struct heap_exact *own,
                                                         struct heap_stream *stream, uint64_t ticks,
                                                         uint64_t address, uint64_t other)
{
    return heap_stream_next(stream, own->thread->slot, ticks, address, other, STALL_NS) ||
           end_exactness();
}

static inline bool make_room(struct heap_exact *own, struct heap_stream *stream, uint64_t ticks,
                             uint64_t address, uint64_t other)
{
    return heap_stream_fits(stream, address, other) ||
           next_segment(own, stream, ticks, address, other);
}

/* The stack by all means there are. Events of all depths, mappings and samples have the
 * thread's walk in common: nobody may come between. */
static __attribute__((noinline)) uint32_t walk_fully(struct thread *thread)
{
    ucontext_t context;
    enum trace_unwinding failed;
    uint32_t node;
    platform_capture_sigsafe(&context);
    do {
        uint64_t signals = signals_block_all_sigsafe();
        failed = sampler_take_stack_sigsafe(thread, &context, &node);
        signals_restore_sigsafe(signals);
    } while (failed == TRACE_UNWINDING_NO_NODES && heap_pool_await_nodes(STALL_NS));
    return failed ? TRACE_STACK_BROKEN : node;
}

static uint32_t walk_and_add(struct heap_exact *own, struct heap_stream *stream)
{
    return heap_stream_add_place(stream, walk_fully(own->thread), own->thread->region);
}

/* A path that was not met before, or not in this segment. */
static __attribute__((noinline)) uint32_t meet_path(struct heap_exact *own,
                                                    struct heap_stream *stream,
                                                    struct heap_path_seen *seen, uint64_t hash)
{
    if (seen->hash != hash) {
        uint32_t node = heap_path_node(&own->path, ring);
        if (!node) /* after a wait it may be another generation */
            return walk_and_add(own, stream);
        seen->hash = hash;
        seen->node = node;
    }
    seen->segment = stream->next_serial;
    seen->place = heap_stream_add_place(stream, seen->node, own->thread->region);
    return seen->place;
}

/* Where an allocation was made, as the stream's segment has it. */
static inline uint32_t place_of(struct heap_exact *own, struct heap_stream *stream,
                                const struct registers *at)
{
    if (PLATFORM_UNLIKELY(!fast_walk || stream->number ||
                          !heap_path_find(&own->path, at, modules_generation_sigsafe())))
        return walk_and_add(own, stream);
    uint64_t hash = heap_path_hash(&own->path, own->thread->region);
    struct heap_path_seen *seen = heap_path_seen(&own->path, hash);
    return PLATFORM_LIKELY(seen->hash == hash && seen->segment == stream->next_serial)
               ? seen->place
               : meet_path(own, stream, seen, hash);
}

/* What happens: `old` is freed, `block` had, or both. */
struct event {
    enum trace_heap_exact kind;
    uint64_t old, block, size, ticks;
    const struct registers *at;
};

static inline __attribute__((always_inline)) void
put(struct heap_exact *own, struct heap_stream *stream, const struct event *event)
{
    bool frees = event->kind != TRACE_HEAP_EXACT_ALLOC, has = event->kind != TRACE_HEAP_EXACT_FREE;
    uint64_t first = frees ? event->old : event->block, last = has ? event->block : event->old;
    if (!make_room(own, stream, event->ticks, first, last))
        return;
    if (frees)
        heap_stream_put_free(stream, has ? TRACE_HEAP_EXACT_RESIZED : TRACE_HEAP_EXACT_FREE,
                             event->old, event->ticks);
    if (has) {
        uint32_t place = place_of(own, stream, event->at);
        uint64_t ticks = frees ? ticks_now_sigsafe(ticks_kind) : event->ticks;
        heap_stream_put_alloc(stream, event->kind, event->block, ticks, event->size, place);
    }
    heap_stream_commit(stream);
}

/* In the middle of others. With the last of the streams nobody may interrupt it. */
static __attribute__((noinline, cold)) void record_nested(struct heap_exact *own,
                                                          struct event event, uint64_t sp)
{
    uint64_t signals = 0;
    forget_abandoned(own, sp);
    uint32_t number = nesting_depth(&own->nesting);
    if (number == RING_STREAMS - 1)
        signals = signals_block_all_sigsafe();
    uint64_t before = nesting_begin(&own->nesting, sp);
    put(own, &own->streams[number], &event);
    nesting_end(&own->nesting, before);
    if (number == RING_STREAMS - 1)
        signals_restore_sigsafe(signals);
}

static inline __attribute__((always_inline)) void record(struct heap_exact *own, struct event event)
{
    uint64_t sp = (uint64_t)__builtin_frame_address(0);
    if (PLATFORM_UNLIKELY(nesting_depth(&own->nesting) != 0)) {
        record_nested(own, event, sp);
        return;
    }
    nesting_begin_first(&own->nesting, sp);
    put(own, &own->streams[0], &event);
    nesting_end(&own->nesting, 0);
}

static inline void record_alloc(struct heap_exact *own, void *block, size_t size,
                                const struct registers *at)
{
    record(own, (struct event){.kind = TRACE_HEAP_EXACT_ALLOC,
                               .block = (uint64_t)block,
                               .size = size,
                               .ticks = ticks_now_sigsafe(ticks_kind),
                               .at = at});
}

static inline __attribute__((always_inline)) void record_free(struct heap_exact *own, void *block,
                                                              uint64_t ticks)
{
    record(own,
           (struct event){.kind = TRACE_HEAP_EXACT_FREE, .old = (uint64_t)block, .ticks = ticks});
}

/* The shared streams, for the calling thread alone until heap_others_leave(); NULL when it is
 * not to be recorded, or there is no room. */
static struct heap_exact *take_shared(uint64_t *signals)
{
    if (left_out || threads_current_sigsafe()) /* ours; or it is not to be counted now */
        return NULL;
    shared.thread = heap_others_take(signals);
    if (!shared.thread)
        end_exactness();
    return shared.thread ? &shared : NULL;
}

static bool is_running(void)
{
    return __atomic_load_n(&running, __ATOMIC_ACQUIRE);
}

/* Of the caller of the function it stands in, as calls leave them. */
#define CALLER_REGISTERS                                     \
    {                                                        \
        .pc = (uint64_t)__builtin_return_address(0),         \
        .sp = (uint64_t)__builtin_frame_address(0) + 16,     \
        .fp = *(const uint64_t *)__builtin_frame_address(0), \
    }

/* For who has no figures at hand. */
static __attribute__((noinline, cold)) void *alloc_slow(void *block, size_t size, size_t usable,
                                                        const struct registers *at)
{
    if (left_out)
        return block;
    nap_wake();
    count_alloc(threads_memory(), usable);
    if (!is_running() || !sampler_enabled_sigsafe())
        return block;
    uint64_t signals;
    struct heap_exact *own = find_own(), *other = own ? NULL : take_shared(&signals);
    if (own)
        record_alloc(own, block, size, at);
    if (other) {
        record_alloc(other, block, size, at);
        heap_others_leave(signals);
    }
    return block;
}

void *heap_exact_alloc(void *block, size_t size, size_t usable)
{
    const struct registers at = CALLER_REGISTERS;
    struct heap_exact *own = mine;
    if (PLATFORM_UNLIKELY(!own || threads_memory_pointer != own->memory || !is_running()))
        return alloc_slow(block, size, usable, &at);
    count_alloc(own->memory, usable);
    if (PLATFORM_LIKELY(sampler_enabled_sigsafe()))
        record_alloc(own, block, size, &at);
    return block;
}

static __attribute__((noinline, cold)) void free_slow(void *block, size_t usable)
{
    if (left_out)
        return;
    nap_wake();
    count_free(threads_memory(), usable);
    if (!is_running())
        return;
    uint64_t signals, ticks = ticks_now_sigsafe(ticks_kind);
    struct heap_exact *own = find_own(), *other = own ? NULL : take_shared(&signals);
    if (own)
        record_free(own, block, ticks);
    if (other) {
        record_free(other, block, ticks);
        heap_others_leave(signals);
    }
}

void heap_exact_free(void *block, size_t usable)
{
    struct heap_exact *own = mine;
    if (PLATFORM_UNLIKELY(!own || threads_memory_pointer != own->memory || !is_running())) {
        free_slow(block, usable);
        return;
    }
    if (PLATFORM_UNLIKELY(usable >= LARGE))
        chores_at_hook(); /* what goes now was there */
    count_free(own->memory, usable);
    record_free(own, block, ticks_now_sigsafe(ticks_kind));
}

void heap_exact_begin_resize(struct heap_resize *resize, void *old, size_t usable)
{
    nap_wake(); /* first: no event is older than the ring */
    resize->old = old;
    resize->old_usable = usable;
    resize->ticks = left_out ? 0 : ticks_now_sigsafe(ticks_kind);
}

/* Both events, or, while nothing is to be sampled, the end of the old block. */
static void record_resize(struct heap_exact *own, const struct heap_resize *resize, void *block,
                          size_t size, const struct registers *at)
{
    record(own, (struct event){.kind = TRACE_HEAP_EXACT_RESIZE,
                               .old = (uint64_t)resize->old,
                               .block = (uint64_t)block,
                               .size = size,
                               .ticks = resize->ticks,
                               .at = at});
}

void *heap_exact_end_resize(const struct heap_resize *resize, void *block, size_t size,
                            size_t usable, bool gone)
{
    const struct registers at = CALLER_REGISTERS;
    struct ring_memory *memory = threads_memory();
    uint64_t signals;
    if (!block && !gone)
        return block;
    count_free(memory, resize->old_usable);
    if (block)
        count_alloc(memory, usable);
    if (!is_running())
        return block;
    struct heap_exact *own = find_own(), *other = own ? NULL : take_shared(&signals);
    struct heap_exact *to = own ? own : other;
    if (to && block && sampler_enabled_sigsafe())
        record_resize(to, resize, block, size, &at);
    else if (to)
        record_free(to, resize->old, resize->ticks);
    if (other)
        heap_others_leave(signals);
    return block;
}

void heap_exact_detach(const struct thread *thread)
{
    if (!table || !ring)
        return;
    struct heap_exact *own = &table[ring_slot_index(ring, thread->slot)];
    if (own->slot_serial != thread->slot->serial)
        return;
    mine = NULL;
    for (uint32_t i = 0; i < RING_STREAMS; i++)
        heap_stream_close(&own->streams[i]);
    own->memory = NULL;
    own->slot_serial = 0;
}
