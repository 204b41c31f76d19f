/* Unit tests of analyzer/load/heap_merge.c. */
#include "analyzer/load/heap_merge.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

static struct heap_replay replay;
static struct heap_merge merge;

/* What was replayed: sizes of blocks born, their times beside. */
static uint64_t sizes[1000], times[1000];
static size_t born;

static void on_born(void *context, const struct heap_change *change)
{
    (void)context;
    times[born] = change->time_ns;
    sizes[born++] = change->block->size;
}

static void start(void)
{
    born = 0;
    heap_replay_init(&replay, 0);
    heap_replay_observe(&replay, (struct heap_observer){.born = on_born});
    for (uint32_t thread = 0; thread < 4; thread++)
        heap_replay_add_site(&replay, thread);
    heap_merge_init(&merge, &replay);
}

static void stop(void)
{
    heap_merge_release(&merge);
    heap_replay_release(&replay);
}

TestSuite(heap_merge, .init = start, .fini = stop);

/* Allocations of a thread at those ticks, whose sizes are the ticks. */
static void add(uint32_t thread, uint64_t serial, const uint64_t *ticks, size_t count)
{
    struct bytes events = {0};
    struct trace_heap_segment segment = {.serial = serial, .shift = 4, .place_count = 1};
    uint64_t address = 0;

    segment.ticks = ticks[0];
    for (size_t i = 0; i < count; i++) {
        uint64_t next = 16 * (1000 * (ticks[i] % 100000) + thread + 1);
        put_heap_event(&events, (struct made_heap_event){2, ticks[i], next, ticks[i], 0},
                       ticks[i > 0 ? i - 1 : 0], address);
        address = next;
    }
    segment.events = events.at;
    segment.size = events.size;
    heap_merge_add(&merge, thread, &segment, &thread);
    bytes_free(&events);
}

#define ADD(thread, serial, ...)                   \
    add(thread, serial, (uint64_t[]){__VA_ARGS__}, \
        sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

static void expect(const uint64_t *right, size_t count)
{
    cr_assert_eq(born, count, "%zu events", born);
    for (size_t i = 0; i < count; i++)
        cr_expect_eq(sizes[i], right[i], "event %zu: %d", i, (int)sizes[i]);
}

#define EXPECT(...) \
    expect((uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

Test(heap_merge, events_of_all_threads_come_in_order)
{
    ADD(0, 0, 10, 40, 50);
    ADD(1, 0, 20, 30, 60);
    ADD(2, 0, 5);
    heap_merge_until(&merge, 1000, 1000);
    EXPECT(5, 10, 20, 30, 40, 50, 60);
    cr_expect_eq(merge.segments_lost, 0);
    cr_expect_eq(merge.events, 7);
}

Test(heap_merge, what_others_may_still_precede_waits)
{
    ADD(0, 0, 10, 40, 50);
    heap_merge_until(&merge, 40, 1000);
    EXPECT(10);
    ADD(1, 0, 45);
    ADD(0, 1, 70);
    heap_merge_until(&merge, 60, 2000);
    EXPECT(10, 40, 45, 50);
    heap_merge_finish(&merge);
    EXPECT(10, 40, 45, 50, 70);
}

/* As of a thread that was interrupted between reading the clock and writing. */
Test(heap_merge, what_comes_late_is_next)
{
    ADD(0, 0, 10);
    heap_merge_until(&merge, 100, 1000);
    ADD(1, 0, 50, 120);
    ADD(0, 1, 110);
    heap_merge_until(&merge, 200, 2000);
    EXPECT(10, 50, 110, 120);
}

Test(heap_merge, parts_of_a_segment_have_its_number)
{
    ADD(0, 0, 10, 20);
    ADD(0, 0, 30);
    ADD(0, 1, 40);
    heap_merge_finish(&merge);
    EXPECT(10, 20, 30, 40);
    cr_expect_eq(merge.segments_lost, 0);
}

Test(heap_merge, missing_segments_are_counted)
{
    ADD(0, 2, 10); /* 0, 1 */
    ADD(0, 3, 20);
    ADD(0, 5, 30); /* 4 */
    ADD(1, 0, 40);
    heap_merge_finish(&merge);
    EXPECT(10, 20, 30, 40);
    cr_expect_eq(merge.segments_lost, 3);
}

Test(heap_merge, damaged_segments_are_counted_and_what_follows_is_read)
{
    struct trace_heap_segment damaged = {
        .shift = 4, .events = (const uint8_t *)"\x0a\x01\x07\x05", .size = 4, .place_count = 1};
    uint32_t site = 0;

    heap_merge_add(&merge, 0, &damaged, &site); /* place 5 of 1 */
    ADD(0, 1, 20);
    heap_merge_finish(&merge);
    EXPECT(20);
    cr_expect_eq(merge.segments_lost, 1);
}

Test(heap_merge, times_lie_between_readings_of_the_clock)
{
    heap_merge_until(&merge, 100, 1000);
    ADD(0, 0, 100, 150, 199);
    heap_merge_until(&merge, 200, 3000); /* 20 ns a tick */
    ADD(0, 1, 220, 240);
    heap_merge_until(&merge, 240, 3200); /* 5 */
    heap_merge_finish(&merge);
    EXPECT(100, 150, 199, 220, 240);
    cr_expect_arr_eq(times, ((uint64_t[]){1000, 2000, 2980, 3100, 3200}), 5 * sizeof(*times));
}

Test(heap_merge, clocks_that_cannot_be_are_survived)
{
    heap_merge_until(&merge, UINT64_MAX - 1, 5);
    ADD(0, 0, 1, 2, 3);
    heap_merge_until(&merge, 0, UINT64_MAX);
    heap_merge_until(&merge, 2, 0);
    ADD(1, 0, (uint64_t)1 << 55);
    heap_merge_until(&merge, UINT64_MAX, UINT64_MAX);
    heap_merge_finish(&merge);
    cr_expect_eq(born, 4);
}

Test(heap_merge, many_threads)
{
    enum { THREADS = 200 };

    for (uint32_t thread = 4; thread < THREADS; thread++)
        heap_replay_add_site(&replay, thread);
    for (uint32_t thread = 0; thread < THREADS; thread++)
        ADD(thread, 0, 1 + thread * 7919 % 1009, 2000 + thread * 7919 % 1009);
    heap_merge_finish(&merge);
    cr_assert_eq(born, 2 * THREADS);
    for (size_t i = 1; i < born; i++)
        cr_assert_leq(sizes[i - 1], sizes[i]);
}
