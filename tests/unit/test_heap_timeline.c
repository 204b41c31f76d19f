/* Unit tests of analyzer/model/heap_timeline.c. */
#include "analyzer/model/heap_timeline.h"

#include <criterion/criterion.h>

#define START 5000000000u
#define FIRST TIMELINE_FIRST_NS

static struct heap_replay replay;
static struct heap_timeline *timeline;

static void allocate(uint32_t site, uint64_t time_ns, uint64_t address, uint64_t size)
{
    struct heap_event event = {.time_ns = time_ns,
                               .address = address,
                               .size = size,
                               .site = site,
                               .thread = heap_sites_thread(&replay.sites, site),
                               .kind = TRACE_HEAP_ALLOC};
    heap_replay_events(&replay, &event, 1);
}

static void release(uint64_t time_ns, uint64_t address)
{
    struct heap_event event = {.time_ns = time_ns, .address = address, .kind = TRACE_HEAP_FREE};
    heap_replay_events(&replay, &event, 1);
}

static void start(void)
{
    heap_replay_init(&replay, 0);
    timeline = heap_timeline_new(START, 0);
    heap_timeline_watch(timeline, &replay);
    for (uint32_t site = 0; site < 3; site++)
        heap_replay_add_site(&replay, site / 2); /* two of thread 0, one of thread 1 */
}

static void stop(void)
{
    heap_timeline_free(timeline);
    heap_replay_release(&replay);
}

TestSuite(heap_timeline, .init = start, .fini = stop);

static void finish(uint64_t end_ns)
{
    heap_timeline_finish(timeline, &replay, end_ns);
    heap_replay_settle(&replay);
}

Test(heap_timeline, moments_are_the_ends_of_intervals)
{
    allocate(0, START + FIRST / 2, 0x1000, 100);
    allocate(1, START + FIRST + 1, 0x2000, 10);
    release(START + 3 * FIRST, 0x1000); /* belongs to the fourth */
    finish(START + 4 * FIRST + FIRST / 2);
    cr_assert_eq(timeline->count, 5);
    const double live[] = {100, 110, 110, 10, 10}, allocated[] = {100, 110, 110, 110, 110};
    for (size_t i = 0; i < 5; i++) {
        cr_expect_eq(timeline->moments[i].live.total, live[i], "moment %zu", i);
        cr_expect_eq(timeline->moments[i].allocated_bytes.total, allocated[i], "moment %zu", i);
    }
    cr_expect_eq(heap_timeline_at(timeline, 0), FIRST);
    cr_expect_eq(heap_timeline_at(timeline, 4), 4 * FIRST + FIRST / 2);
}

Test(heap_timeline, an_end_at_a_moment_is_that_moment)
{
    allocate(0, START, 0x1000, 100);
    finish(START + 2 * FIRST);
    cr_expect_eq(timeline->count, 2);
}

/* Times are what a trace says; no moment is behind the last there can be. */
Test(heap_timeline, the_last_time_there_is_ends_it, .timeout = 20)
{
    const uint64_t last[] = {UINT64_MAX, UINT64_MAX - 1, UINT64_MAX / 2};

    for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
        for (int told = 0; told < 2; told++) {
            heap_timeline_free(timeline);
            timeline = heap_timeline_new(START, told ? last[i] : 0);
            heap_timeline_finish(timeline, &replay, last[i]);
            cr_assert_leq(timeline->count, TIMELINE_MOMENTS + 1);
            cr_expect_geq(timeline->count, TIMELINE_MOMENTS / 2);
            cr_expect_eq(heap_timeline_at(timeline, timeline->count - 1), last[i] - START);
            cr_expect_lt(heap_timeline_at(timeline, timeline->count - 2), last[i] - START);
        }
    }
}

Test(heap_timeline, nothing_at_all_is_one_moment)
{
    finish(START);
    cr_expect_eq(timeline->count, 1);
    cr_expect_eq(timeline->moments[0].live.total, 0);
}

/* Something each interval, over any length of time: what is there is what was. */
static void check_ramp(uint64_t steps)
{
    for (uint64_t i = 0; i < steps; i++)
        allocate(i % 2 ? 2 : 0, START + i * FIRST + 1, 16 * (i + 1), 1);
    finish(START + steps * FIRST);
    cr_assert_leq(timeline->count, TIMELINE_MOMENTS + 1);
    if (steps >= TIMELINE_MOMENTS)
        cr_assert_geq(timeline->count, TIMELINE_MOMENTS / 2);
    uint64_t width = timeline->width_ns / FIRST;
    for (size_t i = 0; i < timeline->count; i++) {
        uint64_t right = (i + 1) * width < steps ? (i + 1) * width : steps;
        cr_assert_eq(timeline->moments[i].live.total, (double)right, "moment %zu", i);
    }
    for (size_t p = 0; p < heap_timeline_points(timeline); p++) {
        double right = (double)((p + 1) * TIMELINE_STRIDE * width);
        cr_assert_eq(heap_timeline_site(timeline, 0, p).live, right / 2, "point %zu", p);
        cr_assert_eq(heap_timeline_site(timeline, 2, p).live, right / 2, "point %zu", p);
        cr_assert_eq(heap_timeline_site(timeline, 1, p).live, 0, "point %zu", p);
        cr_assert_eq(timeline->threads[1].allocated[p], right / 2, "point %zu", p);
    }
}

Test(heap_timeline, a_short_run)
{
    check_ramp(100);
}

Test(heap_timeline, as_many_as_there_is_room)
{
    check_ramp(TIMELINE_MOMENTS);
}

Test(heap_timeline, one_more)
{
    check_ramp(TIMELINE_MOMENTS + 1);
}

Test(heap_timeline, a_long_run)
{
    check_ramp(40000);
    cr_expect_geq(heap_timeline_points(timeline), TIMELINE_POINTS / 2);
}

Test(heap_timeline, a_long_silence)
{
    allocate(0, START + 1, 0x1000, 100);
    release(START + 3600000000000u, 0x1000);
    finish(START + 3600000000001u);
    cr_expect_geq(timeline->count, TIMELINE_MOMENTS / 2);
    cr_expect_leq(timeline->count, TIMELINE_MOMENTS + 1);
    cr_expect_eq(timeline->moments[0].live.total, 100);
    cr_expect_eq(timeline->moments[timeline->count - 1].live.total, 0);
}

Test(heap_timeline, an_end_before_the_start_harms_nothing)
{
    allocate(0, START - 100, 0x1000, 100);
    finish(START - 50);
    cr_expect_eq(timeline->count, 1);
    cr_expect_eq(timeline->moments[0].live.total, 100);
}

Test(heap_timeline, an_end_that_is_known_needs_no_halving)
{
    static const uint64_t lengths[] = {1, 511, 512, 513, 1024, 100000};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct heap_timeline *known = heap_timeline_new(START, START + lengths[i] * FIRST);
        uint64_t moments = lengths[i] * FIRST / known->width_ns;
        cr_expect_leq(moments, TIMELINE_MOMENTS);
        cr_expect(known->width_ns == FIRST || moments >= TIMELINE_MOMENTS / 2);
        heap_timeline_free(known);
    }
}

Test(heap_timeline, an_end_that_comes_later_is_met)
{
    heap_timeline_free(timeline);
    timeline = heap_timeline_new(START, START + 1000 * FIRST);
    heap_timeline_watch(timeline, &replay);
    allocate(0, START + 1, 0x1000, 100);
    release(START + 100000u * FIRST, 0x1000);
    finish(START + 100001u * FIRST);
    cr_expect_geq(timeline->count, TIMELINE_MOMENTS / 2);
    cr_expect_leq(timeline->count, TIMELINE_MOMENTS + 1);
    cr_expect_eq(timeline->moments[0].live.total, 100);
}
