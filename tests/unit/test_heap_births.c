/* Unit tests of analyzer/load/heap_births.c: a replay by hand, and what was allocated when. */
#include "analyzer/load/heap_births.h"

#include <criterion/criterion.h>

#define SLICE HEAP_BIRTHS_SLICE_NS

static struct heap_births births;
static struct heap_replay replay;

static void start(bool wanted, uint64_t from_ns)
{
    births = (struct heap_births){.parts.wanted = wanted};
    heap_replay_init(&replay, 0);
    heap_births_observe(&births, &replay, from_ns);
    heap_replay_add_site(&replay, 0);
    heap_replay_add_site(&replay, 0);
}

static void stop(void)
{
    heap_births_release(&births);
    heap_replay_release(&replay);
}

static void event(uint64_t time_ns, enum trace_heap_event kind, uint64_t address, uint64_t size,
                  uint32_t site)
{
    struct heap_event one = {
        .time_ns = time_ns, .kind = kind, .address = address, .size = size, .site = site};

    heap_replay_events(&replay, &one, 1);
}

Test(heap_births, one_part_of_a_site_in_a_slice)
{
    start(true, 0);
    event(3 * SLICE + 100, TRACE_HEAP_ALLOC, 0x1000, 10, 0);
    event(3 * SLICE + 300, TRACE_HEAP_ALLOC, 0x2000, 20, 0);
    event(3 * SLICE + 400, TRACE_HEAP_ALLOC, 0x3000, 40, 1);
    event(4 * SLICE, TRACE_HEAP_FREE, 0x3000, 0, 0);
    event(5 * SLICE, TRACE_HEAP_ALLOC, 0x3000, 80, 0);
    cr_assert_eq(births.parts.count, 3);
    cr_expect_eq(births.parts.items[0].length, 30);
    cr_expect_eq(births.parts.items[0].time_ns, 3 * SLICE + 300);
    cr_expect_eq(births.parts.items[0].span_ns, 200);
    cr_expect_eq(births.parts.items[1].length, 40);
    cr_expect_eq(births.parts.items[1].stack, 1);
    cr_expect_eq(births.parts.items[2].length, 80);
    stop();
}

Test(heap_births, of_a_block_made_larger_what_it_grew_by)
{
    start(true, 0);
    event(100, TRACE_HEAP_ALLOC, 0x1000, 1000, 0);
    event(2 * SLICE, TRACE_HEAP_RESIZED, 0x1000, 0, 0);
    event(2 * SLICE, TRACE_HEAP_RESIZE, 0x2000, 1700, 1);
    event(4 * SLICE, TRACE_HEAP_RESIZED, 0x2000, 0, 0);
    event(4 * SLICE, TRACE_HEAP_RESIZE, 0x2000, 50, 1);
    cr_assert_eq(births.parts.count, 2);
    cr_expect_eq(births.parts.items[1].length, 700);
    stop();
}

Test(heap_births, none_before_the_window_nor_unasked)
{
    start(true, 2 * SLICE);
    event(SLICE, TRACE_HEAP_ALLOC, 0x1000, 10, 0);
    event(2 * SLICE, TRACE_HEAP_ALLOC, 0x2000, 20, 0);
    cr_expect_eq(births.parts.count, 1);
    stop();
    start(false, 0);
    event(SLICE, TRACE_HEAP_ALLOC, 0x1000, 10, 0);
    cr_expect_eq(births.parts.count, 0);
    stop();
}

Test(heap_births, become_the_profiles_by_their_sites)
{
    struct profile *profile = profile_new();
    struct profile_heap_site sites[] = {{.thread = 4, .stack = 7}, {.thread = 5, .stack = 9}};

    start(true, 0);
    event(100, TRACE_HEAP_ALLOC, 0x1000, 10, 1);
    heap_births_add(&births, profile, sites);
    cr_assert_eq(profile->allocations.count, 1);
    cr_expect_eq(profile->allocations.items[0].bytes, 10);
    cr_expect_eq(profile->allocations.items[0].place.thread, 5);
    cr_expect_eq(profile->allocations.items[0].place.stack, 9);
    profile_free(profile);
    stop();
}
