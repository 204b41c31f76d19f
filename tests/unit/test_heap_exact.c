/* What becomes of events in exact mode: whose streams they go to, and what is there. */
#include "preload/heap_exact.h"
#include "preload/main_stack.h"
#include "preload/sampler.h"
#include "preload/signals.h"
#include "preload/stack_table.h"
#include "preload/threads.h"
#include "tests/unit/segments_fixture.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>

#define BLOCK(number) ((void *)(0x100000ul + 0x1000ul * (number)))

static void start(void)
{
    const struct sampler_options options = {.max_depth = 64};

    heap_exact_want(1 << 20);
    ring_start();
    cr_assert_eq(sampler_init(&options), 0);
    cr_assert_eq(threads_init(ring, &clock_cpu, 1000000), 0);
    cr_assert_eq(stack_table_init(), 0);
    cr_assert_eq(heap_exact_init(ring), 0);
    heap_exact_walk(true, 64);
    sampler_use_ring(ring);
    sampler_enable(true);
    heap_exact_start();
}

static void stop(void)
{
    heap_exact_stop();
    ring_stop();
}

TestSuite(heap_exact, .init = start, .fini = stop, .timeout = 60);

static void attach(void)
{
    const struct stack_bounds bounds = main_stack_bounds();

    threads_attach_self(&bounds);
    slot = threads_current_sigsafe()->slot;
}

/* The events of a slot that has filled no segment yet. */
static struct event_reader events_of(const struct ring_slot *of)
{
    for (uint32_t i = 0; i < ring->pool.count; i++) {
        const struct ring_segment *segment = ring_segment_at(ring, i);
        if (segment->state != RING_SEGMENT_FREE && segment->slot_serial == of->serial)
            return read_segment(segment);
    }
    return (struct event_reader){0};
}

static void expect(struct event_reader *reader, unsigned kind, void *block, uint64_t size)
{
    struct read_event event;
    cr_assert(read_event(reader, &event));
    cr_assert_eq(event.kind, kind);
    cr_assert_eq(event.address, (uint64_t)block);
    cr_assert_eq(event.size, size);
}

static void expect_end(struct event_reader *reader)
{
    struct read_event event;
    cr_assert_not(read_event(reader, &event));
}

static struct ring_slot *others(void)
{
    for (uint32_t i = 0; i < ring->slot_count; i++)
        if (strcmp(ring_slot_at(ring, i)->name, "(others)") == 0)
            return ring_slot_at(ring, i);
    return NULL;
}

Test(heap_exact, a_threads_events_are_in_its_stream_and_counted)
{
    attach();
    cr_assert_eq(heap_exact_alloc(BLOCK(1), 100, 104), BLOCK(1));
    heap_exact_alloc(BLOCK(2), 7, 24);
    heap_exact_free(BLOCK(1), 104);
    struct event_reader reader = events_of(slot);
    expect(&reader, TRACE_HEAP_EXACT_ALLOC, BLOCK(1), 100);
    expect(&reader, TRACE_HEAP_EXACT_ALLOC, BLOCK(2), 7);
    expect(&reader, TRACE_HEAP_EXACT_FREE, BLOCK(1), 0);
    expect_end(&reader);
    cr_assert_eq(slot->memory.alloc_count, 2);
    cr_assert_eq(slot->memory.alloc_bytes, 128);
    cr_assert_eq(slot->memory.free_count, 1);
    cr_assert_eq(slot->memory.free_bytes, 104);
}

static void resize(void *old, void *block, size_t size, bool gone)
{
    struct heap_resize way;
    heap_exact_begin_resize(&way, old, 104);
    cr_assert_eq(heap_exact_end_resize(&way, block, size, size, gone), block);
}

Test(heap_exact, a_resize_is_both_events_or_none)
{
    attach();
    heap_exact_alloc(BLOCK(1), 100, 104);
    resize(BLOCK(1), NULL, 1ul << 60, false);
    resize(BLOCK(1), BLOCK(2), 200, false);
    resize(BLOCK(2), NULL, 0, true);
    struct event_reader reader = events_of(slot);
    expect(&reader, TRACE_HEAP_EXACT_ALLOC, BLOCK(1), 100);
    expect(&reader, TRACE_HEAP_EXACT_RESIZED, BLOCK(1), 0);
    expect(&reader, TRACE_HEAP_EXACT_RESIZE, BLOCK(2), 200);
    expect(&reader, TRACE_HEAP_EXACT_FREE, BLOCK(2), 0);
    expect_end(&reader);
}

Test(heap_exact, in_a_pause_frees_are_there_and_allocations_are_not)
{
    attach();
    heap_exact_alloc(BLOCK(1), 100, 104);
    sampler_enable(false);
    heap_exact_alloc(BLOCK(2), 100, 104);
    heap_exact_free(BLOCK(1), 104);
    struct event_reader reader = events_of(slot);
    expect(&reader, TRACE_HEAP_EXACT_ALLOC, BLOCK(1), 100);
    expect(&reader, TRACE_HEAP_EXACT_FREE, BLOCK(1), 0);
    expect_end(&reader);
    cr_assert_eq(slot->memory.alloc_count, 2);
}

Test(heap_exact, what_follows_a_threads_end_is_the_others)
{
    attach();
    heap_exact_alloc(BLOCK(1), 100, 104);
    threads_detach_self();
    heap_exact_free(BLOCK(1), 104);
    struct event_reader reader = events_of(slot), other;
    expect(&reader, TRACE_HEAP_EXACT_ALLOC, BLOCK(1), 100);
    expect_end(&reader);
    cr_assert_not_null(others());
    other = events_of(others());
    expect(&other, TRACE_HEAP_EXACT_FREE, BLOCK(1), 0);
    expect_end(&other);
    cr_assert_eq(others()->state, RING_SLOT_LIVE);
}

#define STRANGERS 4
#define PAIRS 500

/* Not attached. */
static void *allocate(void *number)
{
    for (uintptr_t i = 0; i < PAIRS; i++) {
        void *block = BLOCK((uintptr_t)number * PAIRS + i);
        heap_exact_alloc(block, 10, 24);
        heap_exact_free(block, 24);
    }
    return NULL;
}

Test(heap_exact, many_who_are_not_profiled_share_the_others)
{
    pthread_t threads[STRANGERS];
    struct read_event event;
    uint64_t ticks = 0, alive = 0, seen = 0;
    for (uintptr_t i = 0; i < STRANGERS; i++)
        pthread_create(&threads[i], NULL, allocate, (void *)i);
    for (int i = 0; i < STRANGERS; i++)
        pthread_join(threads[i], NULL);
    struct event_reader reader = events_of(others());
    for (; read_event(&reader, &event); seen++) {
        cr_assert_geq(event.ticks, ticks);
        ticks = event.ticks;
        alive += event.kind == TRACE_HEAP_EXACT_ALLOC ? 1 : -1ul;
        cr_assert_leq(alive, STRANGERS);
    }
    cr_assert_eq(seen, STRANGERS * PAIRS * 2);
    cr_assert_eq(alive, 0);
}

static void *be_ours(void *unused)
{
    heap_exact_leave_out_self();
    return allocate(unused);
}

Test(heap_exact, our_own_thread_is_nobody)
{
    pthread_t thread;
    pthread_create(&thread, NULL, be_ours, NULL);
    pthread_join(thread, NULL);
    cr_assert_null(others());
    cr_assert_eq(ring->pool.count, 0);
    cr_assert_eq(ring->heap_lost, 0);
}

Test(heap_exact, signals_are_blocked_afterwards_as_they_were_before)
{
    uint64_t all = signals_block_all_sigsafe();
    uint64_t some = all | 1u << (SIGUSR2 - 1);
    signals_restore_sigsafe(some);
    heap_exact_alloc(BLOCK(1), 100, 104); /* to the others */
    attach();
    heap_exact_alloc(BLOCK(2), 100, 104); /* the first of the thread, with a new segment */
    threads_detach_self();
    cr_assert_eq(signals_block_all_sigsafe(), some);
    signals_restore_sigsafe(all);
}

Test(heap_exact, once_it_has_ended_nothing_is_recorded)
{
    char what[200];
    attach();
    heap_exact_alloc(BLOCK(1), 100, 104);
    heap_exact_stop();
    heap_exact_free(BLOCK(1), 104);
    struct event_reader reader = events_of(slot);
    expect(&reader, TRACE_HEAP_EXACT_ALLOC, BLOCK(1), 100);
    expect_end(&reader);
    cr_assert_eq(slot->memory.free_count, 1);
    cr_assert_not(heap_exact_complaint(what, sizeof what));
}
