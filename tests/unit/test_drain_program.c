/* Regions and counters from a ring to the analyzer's reader. */
#include "preload/contract/drain_program.h"
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>

TestSuite(drain_program, .init = drain_start, .fini = drain_stop);

static struct {
    struct trace_region regions[8];
    char names[8][64];
    unsigned region_records, counter_records, counts;
    int64_t sum[4], rest[4];
    uint64_t rest_ns; /* when */
    uint64_t sample_regions[16];
    unsigned samples;
} said;

static void on_said_region(void *context, const struct trace_region *region)
{
    (void)context;
    said.regions[region->id] = *region;
    snprintf(said.names[region->id], sizeof(said.names[0]), "%s", region->name);
    said.region_records++;
}

static void on_said_counter(void *context, uint64_t id, uint64_t kind, const char *name)
{
    (void)context;
    cr_assert_eq(kind, TRACE_COUNTER_PROGRAM);
    cr_assert_str_eq(name, id == 0 ? "bytes" : "calls");
    said.counter_records++;
}

static void on_said_count(void *context, const struct trace_count *count)
{
    (void)context;
    *(count->stack == TRACE_STACK_COMPLETE ? &said.rest[count->counter]
                                           : &said.sum[count->counter]) += count->delta;
    if (count->stack == TRACE_STACK_COMPLETE)
        said.rest_ns = count->time_ns;
    said.counts++;
}

static void on_said_sample(void *context, const struct trace_sample *sample)
{
    (void)context;
    said.sample_regions[said.samples++] = sample->region;
}

static void read_said(void)
{
    struct trace_visitor visitor = {.region = on_said_region,
                                    .counter = on_said_counter,
                                    .count = on_said_count,
                                    .sample = on_said_sample};
    struct trace_summary summary;
    struct problem problem;

    memset(&said, 0, sizeof(said));
    cr_assert_eq(trace_read("trace.pinj", &visitor, &summary, &problem), 0, "%s", problem.text);
    cr_assert_eq(summary.records_dropped + summary.samples_dropped, 0);
}

static void invent_region(uint32_t id, uint32_t parent, const char *name, uint64_t count)
{
    cr_assert(ring_extend_regions(ring, id));
    ring->regions[id] = (struct ring_region){.used = 1,
                                             .parent = parent,
                                             .count = count,
                                             .total_ns = count * 10,
                                             .longest_ns = count + 3};
    snprintf(ring->regions[id].name, RING_NAME, "%s", name);
    ring->has_region = id + 1;
}

static void invent_counters(void)
{
    strcpy(ring->counters[0].name, "bytes");
    strcpy(ring->counters[1].name, "calls");
    ring->has_counter = 2;
}

/* The thread adds, and a sample is charged with it. */
static void put_count(struct ring_slot *slot, uint32_t counter, int64_t delta)
{
    struct ring_count *count = ring_reserve_sigsafe(slot, sizeof(*count));

    slot->counters[counter] += delta;
    count->stack = invent_stack(1, 3, 1);
    count->time_ns = 6000000000u;
    count->counter = counter;
    count->delta = delta;
    count->region = 1;
    ring_commit_sigsafe(count, sizeof(*count), RING_COUNT);
}

Test(drain_program, regions_counts_and_what_is_left_come_back)
{
    struct ring_slot *slot = invent_thread(1);
    struct ring_sample sample = {
        .stack = invent_stack(1, 3, 1), .time_ns = 5000000000u, .weight = 1};

    invent_region(1, 0, "outer", 5);
    invent_region(2, 1, "inner", 7);
    invent_counters();
    cr_assert(put_sample(slot, sample));
    sample.region = 2;
    cr_assert(put_sample(slot, sample));
    put_count(slot, 0, 100);
    put_count(slot, 1, -5);
    slot->counters[0] += 11; /* after the last sample */
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_said();
    cr_assert_eq(said.samples, 2);
    cr_assert_eq(said.sample_regions[0], 0);
    cr_assert_eq(said.sample_regions[1], 2);
    cr_assert_str_eq(said.names[2], "inner");
    cr_assert_eq(said.regions[2].parent, 1);
    cr_assert_eq(said.regions[1].count, 5);
    cr_assert_eq(said.regions[1].total_ns, 50);
    cr_assert_eq(said.regions[1].longest_ns, 8);
    cr_assert_eq(said.sum[0], 100);
    cr_assert_eq(said.sum[1], -5);
    cr_assert_eq(said.rest[0], 0, "the thread lives");
    slot->end_ns = 7000000000u;
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 0, 0), 0);
    read_said();
    cr_assert_eq(said.rest[0], 11);
    cr_assert_eq(said.rest[1], 0);
    cr_assert_eq(said.rest_ns, 7000000000u, "nothing else in that chunk has a time");
    cr_assert_eq(said.region_records, 2, "what did not change is not written again");
    cr_assert_eq(said.counter_records, 2);
}

Test(drain_program, a_pass_that_failed_is_counted_once)
{
    struct ring_slot *slot = invent_thread(1);
    int broken = broken_end();

    invent_counters();
    put_count(slot, 0, 100);
    cr_assert_lt(drain_pass(&drain, broken, 1), 0);
    close(broken);
    slot->counters[0] += 1;
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 0, 0), 0);
    read_said();
    cr_assert_eq(said.sum[0], 100);
    cr_assert_eq(said.rest[0], 1);
}

Test(drain_program, whoever_goes_on_with_a_trace_counts_nothing_twice)
{
    struct ring_slot *slot = invent_thread(1);

    invent_counters();
    put_count(slot, 0, 100);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    drain_release(&drain);
    cr_assert_eq(drain_init(&drain, ring, 0), 0);
    put_count(slot, 0, 10);
    slot->counters[0] += 1;
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 0, 0), 0);
    read_said();
    cr_assert_eq(said.sum[0], 110);
    cr_assert_eq(said.rest[0], 1);
}

Test(drain_program, numbers_beyond_the_tables_are_left_out)
{
    struct ring_slot *slot = invent_thread(1);
    struct ring_count *count = ring_reserve_sigsafe(slot, sizeof(*count));

    ring->has_counter = 4000000;
    count->counter = 4000000;
    ring_commit_sigsafe(count, sizeof(*count), RING_COUNT);
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 0, 0), 0);
}
