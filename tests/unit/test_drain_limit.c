/* Traces that may not get larger: what is written, what is counted, what is kept. */
#include "preload/contract/drain_limit.h"

#include "preload/contract/trace_parts.h"
#include "tests/unit/drain_fixture.h"
#include "tests/unit/parts_fixture.h"

#include <criterion/criterion.h>
#include <errno.h>

#define MAX (64u << 10)

static struct ring_slot *slot;
static unsigned taken;

static void start(void)
{
    drain_start();
    drain_property(&drain, "comm", "limited", 7);
    ring->max_size = MAX;
    slot = invent_thread(1);
}

TestSuite(drain_limit, .init = start, .fini = drain_stop);

/* Samples numbered by their weight and of stacks that hardly compress, and a pass. */
static void run(unsigned passes, unsigned samples)
{
    for (unsigned pass = 0; pass < passes; pass++) {
        for (unsigned i = 0; i < samples; i++) {
            taken++;
            unsigned seed = taken * 2654435761u >> 20;
            put_sample(slot, (struct ring_sample){.stack = invent_stack(seed, 3, 1),
                                                  .time_ns = 2000000 + taken * 100000ull +
                                                             (taken * 40503u & 0xffff),
                                                  .weight = taken});
        }
        cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
        cr_assert(!ring->max_size || size_now() <= MAX);
    }
}

Test(drain_limit, without_one_it_grows)
{
    ring->max_size = 0;
    run(300, 200);
    cr_assert_gt(size_now(), MAX);
}

Test(drain_limit, what_is_too_much_is_counted_and_the_end_told)
{
    char line[256];
    cr_assert_not(drain_limit_tell(&drain, "t", line, sizeof(line)));
    run(100, 200);
    cr_assert(drain_limit_tell(&drain, "t", line, sizeof(line)));
    cr_assert_not(drain_limit_tell(&drain, "t", line, sizeof(line)), "once");
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 3, 77), 0);
    cr_assert_leq(size_now(), MAX);
    cr_assert(read_whole("trace.pinj"));
    cr_assert(found.sample_count > 100 && found.sample_count < taken);
    for (size_t i = 0; i < found.sample_count; i++)
        cr_assert_eq(found.samples[i].weight, i + 1, "the first, without a gap");
    cr_assert_eq(found.totals[0].samples, found.sample_count);
    cr_assert_eq(found.totals[0].lost, taken - found.sample_count);
    cr_assert_eq(ring->unwinding.counts[TRACE_UNWINDING_NO_TRACE], taken - found.sample_count);
    cr_assert(found.end == TRACE_END_EXIT && found.end_status == 3 && found.end_cpu == 77);
}

Test(drain_limit, threads_that_end_later_are_told_of)
{
    run(100, 200);
    struct ring_slot *late = invent_thread(2);
    put_sample(late, (struct ring_sample){.stack = invent_stack(1, 3, 1), .time_ns = 5000000});
    late->end_ns = 6000000;
    late->state = RING_SLOT_ENDED;
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.thread_count, 1, "of the last epoch");
    cr_assert_eq(found.threads[0].tid, NOBODY + 2, "killed now, it is known");
    cr_assert(found.totals[0].samples == 0 && found.totals[0].lost == 1);
}

Test(drain_limit, the_newest_are_kept)
{
    ring->rotates = 1;
    drain_name_trace(&drain, AT_FDCWD, "trace.pinj");
    run(300, 200);
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 3, 77), 0);
    cr_assert_leq(size_now(), MAX);
    cr_assert_gt(size_now(), MAX / 2);
    cr_assert_gt(ring->trace_written, trace_place(8, 0), "twice round");
    cr_assert(read_whole("trace.pinj"));
    cr_assert_gt(found.summary.chunks_before, 0);
    cr_assert_gt(found.summary.records_before, 0);
    cr_assert_str_eq(found.comm, "limited");
    cr_assert_eq(found.samples[found.sample_count - 1].weight, taken);
    for (size_t i = 1; i < found.sample_count; i++)
        cr_assert_eq(found.samples[i].weight, found.samples[i - 1].weight + 1, "without a gap");
    cr_assert(found.end == TRACE_END_EXIT && found.end_status == 3);
}

Test(drain_limit, what_fits_into_no_part_is_counted)
{
    ring->rotates = 1;
    ring->max_size = 4096;
    drain_name_trace(&drain, AT_FDCWD, "trace.pinj");
    put_sample(slot, (struct ring_sample){.stack = invent_stack(1, 3, 1)});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(slot->dropped + (size_now() > 0), 1);
    ring->max_size = MAX;
    put_sample(slot, (struct ring_sample){.stack = invent_stack(2, 3, 1)});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count + slot->dropped, 2, "the next one fits");
}

Test(drain_limit, a_part_that_cannot_be_begun_is_an_error_and_all_is_there_still)
{
    ring->rotates = 1;
    drain_name_trace(&drain, -1, "trace.pinj");
    int status = 0;
    for (unsigned pass = 0; pass < 100 && status == 0; pass++) {
        for (unsigned i = 0; i < 200; i++)
            put_sample(slot, (struct ring_sample){.stack = invent_stack(pass * 200 + i, 5, 1)});
        status = drain_pass(&drain, trace_fd, 1);
    }
    cr_assert_eq(status, -EBADF);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_gt(slot->reserved, slot->consumed, "nothing is given back");
}
