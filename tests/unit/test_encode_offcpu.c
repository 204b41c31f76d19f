/* Stretches off the processor, from rings to what a reader finds. */
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>

static struct trace_stretch stretches[64];
static size_t stretch_count;

static void on_offcpu(void *context, const struct trace_stretch *stretch)
{
    (void)context;
    stretches[stretch_count++] = *stretch;
}

static void put_stretch(struct ring_slot *slot, uint32_t stack, uint64_t time_ns,
                        uint64_t length_ns, enum trace_offcpu state)
{
    struct ring_offcpu *record = ring_reserve_sigsafe(slot, sizeof(*record));

    cr_assert_not_null(record);
    record->stack = stack;
    record->time_ns = time_ns;
    record->length_ns = length_ns;
    record->state = state;
    ring_commit_sigsafe(record, sizeof(*record), RING_OFFCPU);
}

static void read_stretches(void)
{
    const struct trace_visitor visitor = {.stack = on_stack, .offcpu = on_offcpu};
    struct trace_summary summary;
    struct problem problem;

    memset(&found, 0, sizeof(found));
    stretch_count = 0;
    cr_assert_eq(trace_read("trace.pinj", &visitor, &summary, &problem), 0);
    cr_assert_eq(summary.records_dropped, 0);
    cr_assert_eq(summary.samples_dropped, 0);
}

TestSuite(encode_offcpu, .init = drain_start, .fini = drain_stop);

Test(encode_offcpu, every_field_comes_back)
{
    struct ring_slot *slot = invent_thread(1);

    put_stretch(slot, invent_stack(10, 3, 1), 7000001000, 5000000123, TRACE_OFFCPU_BLOCKED);
    put_stretch(slot, TRACE_STACK_COMPLETE, 7000002000, 1, TRACE_OFFCPU_RUNNABLE);
    put_stretch(slot, invent_stack(10, 4, 1), 9000002999, 77, TRACE_OFFCPU_BLOCKED);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_stretches();
    cr_assert_eq(stretch_count, 3);
    cr_assert_eq(stretches[0].time_ns, 7000001000);
    cr_assert_eq(stretches[0].length_ns, 5000000123);
    cr_assert_eq(stretches[0].state, TRACE_OFFCPU_BLOCKED);
    cr_assert(is_stack(stretches[0].stack, 10, 3, 1));
    cr_assert_eq(stretches[1].stack, TRACE_STACK_COMPLETE);
    cr_assert_eq(stretches[1].state, TRACE_OFFCPU_RUNNABLE);
    cr_assert_eq(stretches[1].length_ns, 1);
    cr_assert_eq(stretches[2].time_ns, 9000002000, "times are whole microseconds");
    cr_assert(is_stack(stretches[2].stack, 10, 4, 1));
}

Test(encode_offcpu, samples_and_stretches_share_a_ring)
{
    struct ring_slot *slot = invent_thread(1);

    for (unsigned i = 0; i < 20; i++) {
        put_sample(slot, (struct ring_sample){.stack = invent_stack(i, 2, 1), .weight = 1});
        put_stretch(slot, invent_stack(i, 2, 1), 1000 * i, 1000, TRACE_OFFCPU_BLOCKED);
    }
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(slot->consumed, slot->reserved);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 20);
    read_stretches();
    cr_assert_eq(stretch_count, 20);
}

Test(encode_offcpu, a_full_ring_of_stretches_is_one_batch)
{
    struct ring_slot *slot = invent_thread(1);
    struct ring_offcpu *record;
    unsigned put = 0;

    while ((record = ring_reserve_sigsafe(slot, sizeof(*record))) != NULL) {
        record->stack = TRACE_STACK_COMPLETE;
        record->time_ns = record->length_ns = ++put;
        record->state = TRACE_OFFCPU_BLOCKED;
        ring_commit_sigsafe(record, sizeof(*record), RING_OFFCPU);
    }
    cr_assert_eq(put, RING_DATA_SIZE / sizeof(*record));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(slot->consumed, slot->reserved);
}
