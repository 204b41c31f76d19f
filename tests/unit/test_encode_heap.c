/* Heap events, from rings to what a reader finds. */
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>

static struct trace_heap events[2000];
static size_t event_count;
static uint64_t until, lost, untils;

static void on_heap(void *context, const struct trace_heap *event)
{
    (void)context;
    events[event_count++] = *event;
}

static void on_heap_until(void *context, uint64_t until_ns, uint64_t lost_events)
{
    (void)context;
    until = until_ns;
    lost = lost_events;
    untils++;
}

static bool put_event(struct ring_slot *slot, struct ring_heap event)
{
    const size_t word = sizeof(event.commit);
    struct ring_heap *record = ring_reserve_sigsafe(slot, sizeof(event));

    if (!record)
        return false;
    memcpy((char *)record + word, (char *)&event + word, sizeof(event) - word);
    ring_commit_sigsafe(record, sizeof(event), RING_HEAP);
    return true;
}

static void read_events(void)
{
    const struct trace_visitor visitor = {
        .stack = on_stack, .heap = on_heap, .heap_until = on_heap_until};
    struct trace_summary summary;
    struct problem problem;

    memset(&found, 0, sizeof(found));
    event_count = untils = 0;
    cr_assert_eq(trace_read("trace.pinj", &visitor, &summary, &problem), 0);
    cr_assert_eq(summary.records_dropped, 0);
    cr_assert_eq(summary.samples_dropped, 0);
}

TestSuite(encode_heap, .init = drain_start, .fini = drain_stop);

Test(encode_heap, every_field_comes_back)
{
    struct ring_slot *slot = invent_thread(1);

    put_event(slot, (struct ring_heap){.kind = TRACE_HEAP_ALLOC,
                                       .time_ns = 7000000123,
                                       .address = 0x7f0000001010,
                                       .size = 123456789,
                                       .stack = invent_stack(10, 3, 1),
                                       .region = 5});
    put_event(slot, (struct ring_heap){
                        .kind = TRACE_HEAP_FREE, .time_ns = 7000000124, .address = 0x1010});
    put_event(slot, (struct ring_heap){.kind = TRACE_HEAP_RESIZE,
                                       .time_ns = 7000000124,
                                       .address = UINT64_MAX,
                                       .stack = invent_stack(10, 4, 1)});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_events();
    cr_assert_eq(event_count, 3);
    cr_expect_eq(events[0].kind, TRACE_HEAP_ALLOC);
    cr_expect_eq(events[0].time_ns, 7000000123);
    cr_expect_eq(events[0].address, 0x7f0000001010);
    cr_expect_eq(events[0].size, 123456789);
    cr_expect_eq(events[0].region, 5);
    cr_expect(is_stack(events[0].stack, 10, 3, 1));
    cr_expect_eq(events[1].kind, TRACE_HEAP_FREE);
    cr_expect_eq(events[1].time_ns, 7000000124, "nanoseconds are kept");
    cr_expect_eq(events[1].address, 0x1010);
    cr_expect_eq(events[2].address, UINT64_MAX);
    cr_expect_eq(events[2].size, 0);
    cr_expect(is_stack(events[2].stack, 10, 4, 1));
}

/* Times as they were: the last one is of a free for which there was no room before. */
Test(encode_heap, a_late_event_comes_where_it_belongs)
{
    struct ring_slot *slot = invent_thread(1);

    for (uint64_t time = 100; time <= 300; time += 100)
        put_event(slot, (struct ring_heap){.kind = TRACE_HEAP_ALLOC,
                                           .time_ns = time,
                                           .address = 16 * time,
                                           .size = time,
                                           .stack = invent_stack(time, 3, 1)});
    put_event(slot, (struct ring_heap){.kind = TRACE_HEAP_FREE, .time_ns = 150, .address = 16});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_events();
    cr_assert_eq(event_count, 4);
    cr_expect(events[1].kind == TRACE_HEAP_FREE && events[1].time_ns == 150);
    for (size_t i = 0; i < 4; i++) {
        uint64_t time = events[i].time_ns;
        cr_expect(i == 1 || (events[i].size == time && is_stack(events[i].stack, time, 3, 1)));
    }
    cr_expect_eq(events[3].time_ns, 300);
}

Test(encode_heap, passes_say_until_when_they_are_complete)
{
    struct ring_slot *slot = invent_thread(1);

    ring->heap_lost = 17;
    put_event(slot, (struct ring_heap){.kind = TRACE_HEAP_FREE, .address = 16, .time_ns = 1});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    put_sample(slot, (struct ring_sample){.stack = invent_stack(1, 2, 1), .weight = 1});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_events();
    cr_expect_eq(untils, 1, "a pass without events has nothing to say");
    cr_expect_eq(lost, 17);
    cr_expect_gt(until, 1);
}

Test(encode_heap, a_full_ring_is_one_batch)
{
    struct ring_slot *slot = invent_thread(1);
    size_t count = 0;

    while (
        put_event(slot, (struct ring_heap){.kind = count % 2 ? TRACE_HEAP_FREE : TRACE_HEAP_ALLOC,
                                           .time_ns = 1000 + count,
                                           .address = 16 * (count + 1),
                                           .size = count,
                                           .stack = count % 2 ? 0 : invent_stack(3, 5, 1)}))
        count++;
    cr_assert_gt(count, 800);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_events();
    cr_assert_eq(event_count, count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(events[i].address, 16 * (i + 1));
        cr_assert_eq(events[i].size, i % 2 ? 0 : i);
    }
    cr_expect_eq(slot->consumed, slot->reserved);
}
