/* Mappings and resident memory, from rings to what a reader finds. */
#include "preload/contract/drain_memory.h"
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>

static struct trace_mapping_event events[100];
static struct trace_resident looks[100];
static size_t event_count, look_count, untils;
static uint64_t lost;

static void on_mapping(void *context, const struct trace_mapping_event *event)
{
    (void)context;
    events[event_count++] = *event;
}

static void on_lost(void *context, uint64_t number)
{
    (void)context;
    lost = number;
}

static void on_resident(void *context, const struct trace_resident *look)
{
    (void)context;
    looks[look_count++] = *look;
}

static void on_heap_until(void *context, uint64_t until_ns, uint64_t lost_events)
{
    (void)context, (void)until_ns, (void)lost_events;
    untils++;
}

static void read_memory(void)
{
    const struct trace_visitor visitor = {.stack = on_stack,
                                          .mapping = on_mapping,
                                          .mappings_lost = on_lost,
                                          .resident = on_resident,
                                          .heap_until = on_heap_until};
    struct trace_summary summary;
    struct problem problem;

    memset(&found, 0, sizeof(found));
    event_count = look_count = untils = 0;
    cr_assert_eq(trace_read("trace.pinj", &visitor, &summary, &problem), 0);
    cr_assert_eq(summary.records_dropped, 0);
    cr_assert_eq(summary.samples_dropped, 0);
}

static void put_event(struct ring_slot *slot, struct ring_heap event)
{
    const size_t word = sizeof(event.commit);
    struct ring_heap *record = ring_reserve_sigsafe(slot, sizeof(event));

    cr_assert_not_null(record);
    memcpy((char *)record + word, (char *)&event + word, sizeof(event) - word);
    ring_commit_sigsafe(record, sizeof(event), RING_MAPPING);
}

TestSuite(encode_mappings, .init = drain_start, .fini = drain_stop);

Test(encode_mappings, every_field_comes_back)
{
    struct ring_slot *slot = invent_thread(1);

    put_event(slot, (struct ring_heap){.kind = TRACE_MAPPING_MAP,
                                       .time_ns = 7000000123,
                                       .address = 0x7f0000000000,
                                       .size = 3ull << 40,
                                       .stack = invent_stack(10, 3, 1),
                                       .region = 5});
    put_event(slot, (struct ring_heap){.kind = TRACE_MAPPING_UNMAP,
                                       .time_ns = 7000000200,
                                       .address = 0x1000,
                                       .size = 4096});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_memory();
    cr_assert_eq(event_count, 2);
    cr_expect_eq(events[0].kind, TRACE_MAPPING_MAP);
    cr_expect_eq(events[0].time_ns, 7000000123);
    cr_expect_eq(events[0].address, 0x7f0000000000);
    cr_expect_eq(events[0].length, 3ull << 40);
    cr_expect_eq(events[0].region, 5);
    cr_expect(is_stack(events[0].stack, 10, 3, 1));
    cr_expect_eq(events[1].kind, TRACE_MAPPING_UNMAP);
    cr_expect_eq(events[1].time_ns, 7000000200);
    cr_expect_eq(events[1].address, 0x1000);
    cr_expect_eq(events[1].length, 4096);
    cr_expect_eq(events[1].stack, 0);
    cr_expect_eq(untils, 1);
}

Test(encode_mappings, a_full_ring_is_one_batch_whatever_the_mixture)
{
    struct ring_slot *slot = invent_thread(1);
    size_t count = 0;
    void *record;

    while ((record = ring_reserve_sigsafe(slot, sizeof(struct ring_heap)))) {
        struct ring_heap *event = record;
        event->kind = TRACE_MAPPING_UNMAP;
        event->time_ns = event->address = event->size = 1 + count;
        ring_commit_sigsafe(event, sizeof(*event), count++ % 2 ? RING_MAPPING : RING_HEAP);
    }
    cr_assert_gt(count, 100);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_expect_eq(slot->consumed, slot->reserved);
}

Test(encode_mappings, losses_are_told_once_and_again_when_there_are_more)
{
    struct ring_slot *slot = invent_thread(1);

    ring->mappings_lost = 3;
    put_event(slot, (struct ring_heap){.kind = TRACE_MAPPING_UNMAP, .address = 1, .size = 1});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_memory();
    cr_expect_eq(lost, 3);
    ring->mappings_lost = 5;
    put_event(slot, (struct ring_heap){.kind = TRACE_MAPPING_UNMAP, .address = 1, .size = 1});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_memory();
    cr_expect_eq(lost, 5);
}

Test(encode_mappings, looks_wait_for_a_pass)
{
    struct resident_look look = {7,   TRACE_RESIDENT_LIVE,
                                 10,  20,
                                 30,  40,
                                 50,  60,
                                 70,  80,
                                 90,  100,
                                 110, 120,
                                 130, 140,
                                 150, 160,
                                 170, 180,
                                 190, "/a/file"};

    drain_look(ring, &look);
    look.time_ns = 8;
    drain_look(ring, &look);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_memory();
    cr_assert_eq(look_count, 2, "each is written once");
    cr_expect(looks[0].time_ns == 7 && looks[0].known == TRACE_RESIDENT_LIVE &&
              looks[0].resident == 10 && looks[0].shared == 20 && looks[0].live == 30 &&
              looks[0].held == 40 && looks[0].held_resident == 50 && looks[0].mapped == 60 &&
              looks[0].mapped_resident == 70);
    cr_expect(looks[0].shmem == 80 && looks[0].large == 90 && looks[0].large_resident == 100 &&
              looks[0].stacks == 110 && looks[0].data == 120 && looks[0].own == 130 &&
              looks[0].lazy == 140 && looks[0].loose == 150 && looks[0].huge == 160 &&
              looks[0].hugetlb == 170 && looks[0].file_resident == 180 && looks[0].highest == 190);
    cr_expect_eq(looks[0].file_size, 7);
    cr_expect_eq(looks[1].time_ns, 8);
    for (uint64_t i = 0; i < 2ull * RING_LOOKS; i++) {
        look.time_ns = 100 + i;
        drain_look(ring, &look);
    }
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_memory();
    cr_assert_eq(look_count, 2 + RING_LOOKS);
    cr_expect_eq(looks[look_count - 1].time_ns, 99 + 2 * RING_LOOKS, "the last one is there");
}

/* A look at a chunk that could not be written is in the next. */
Test(encode_mappings, a_write_that_failed_loses_no_look)
{
    struct resident_look look = {.time_ns = 7, .resident = 10};
    int broken = broken_end();

    drain_look(ring, &look);
    cr_assert_neq(drain_pass(&drain, broken, 1), 0);
    close(broken);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_memory();
    cr_expect_eq(look_count, 1);
}

Test(encode_mappings, live_bytes_are_those_of_all_threads_ended_ones_too)
{
    struct ring_slot *first = invent_thread(1), *second = invent_thread(2);

    first->memory = (struct ring_memory){.alloc_bytes = 1000, .free_bytes = 100};
    second->memory = (struct ring_memory){.alloc_bytes = 0, .free_bytes = 300};
    cr_expect_eq(drain_live(ring), 600);
    put_sample(first, (struct ring_sample){.stack = invent_stack(1, 2, 1), .weight = 1});
    first->end_ns = 5;
    first->state = RING_SLOT_ENDED;
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_expect_eq(drain_live(ring), 600);
    second->memory.free_bytes = 5000; /* others' blocks that nobody counted */
    cr_expect_eq((int64_t)drain_live(ring), -4100);
}
