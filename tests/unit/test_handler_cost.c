/* The handler's own figures, from the handler's side to the reader's. */
#include "preload/handler_cost.h"

#include "analyzer/model/handler_cost.h"
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

static struct trace_handler seen;
static unsigned records;

static void on_handler(void *context, const struct trace_handler *handler)
{
    (void)context;
    seen = *handler;
    records++;
}

static uint64_t counts[TRACE_UNWINDING_COUNT];
static unsigned counted;

static void on_unwinding(void *context, const uint64_t *numbers)
{
    (void)context;
    memcpy(counts, numbers, sizeof counts);
    counted++;
}

static void read_handlers(void)
{
    const struct trace_visitor visitor = {.handler = on_handler, .unwinding = on_unwinding};
    struct trace_summary summary;
    struct problem problem = {0};

    records = counted = 0;
    cr_assert_eq(trace_read("trace.pinj", &visitor, &summary, &problem), 0);
    cr_assert_eq(summary.records_dropped, 0);
}

static void add(uint32_t depth, uint32_t reused, uint64_t duration_ns)
{
    static struct walk walk;

    walk.depth = depth;
    walk.reused = reused;
    walk.rules_hit = depth;
    walk.rules_made = 1;
    handler_cost_add_sigsafe(&ring->handler, &walk, duration_ns);
}

TestSuite(handler_cost, .init = drain_start, .fini = drain_stop);

Test(handler_cost, arrives_in_the_trace)
{
    add(3, 27, 300);
    add(30, 0, 5000);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    add(10, 0, 300);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_handlers();
    cr_assert_eq(records, 2, "only when there is something new");
    cr_assert_eq(seen.frames, 70);
    cr_assert_eq(seen.reused, 27);
    cr_assert_eq(seen.rules_hit, 43);
    cr_assert_eq(seen.rules_made, 3);
    cr_assert_eq(seen.longest_ns, 5000);
    cr_assert_eq(seen.duration_ns[trace_bucket_of(300)], 2);
    cr_assert_eq(seen.duration_ns[trace_bucket_of(5000)], 1);
    cr_assert_eq(seen.depth[trace_bucket_of(30)], 2);
    cr_assert_eq(seen.depth[10], 1);
}

Test(handler_cost, nothing_measured_writes_nothing)
{
    invent_thread(1);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_handlers();
    cr_assert_eq(records, 0);
    cr_assert_eq(counted, 0);
}

Test(handler_cost, what_walks_met_arrives_in_the_trace)
{
    uint64_t *met = ring->unwinding.counts;

    met[TRACE_UNWINDING_NO_TABLE] = 3;
    met[TRACE_UNWINDING_NO_RING] = 1ull << 40;
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    met[TRACE_UNWINDING_NO_TABLE]++;
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_handlers();
    cr_assert_eq(counted, 2, "only when there is something new");
    cr_assert_eq(counts[TRACE_UNWINDING_NO_TABLE], 4);
    cr_assert_eq(counts[TRACE_UNWINDING_NO_RING], 1ull << 40);
    cr_assert_eq(counts[TRACE_UNWINDING_DEPTH], 0);
}

Test(handler_cost, quantiles_lie_in_the_right_bucket)
{
    struct histogram histogram = {{0}};

    cr_assert_eq(histogram_quantile(&histogram, 0.5), 0);
    for (uint64_t i = 1; i <= 1000; i++)
        histogram.number[trace_bucket_of(i * 10)]++;
    cr_assert_eq(histogram_count(&histogram), 1000);
    cr_assert_float_eq(histogram_quantile(&histogram, 0.5), 5000, 5000 * 0.07);
    cr_assert_float_eq(histogram_quantile(&histogram, 0.9), 9000, 9000 * 0.07);
    cr_assert_float_eq(histogram_quantile(&histogram, 0.99), 9900, 9900 * 0.07);
    cr_assert_float_eq(histogram_sum(&histogram), 5005000, 5005000 * 0.02);
}

Test(handler_cost, adds_up_and_keeps_the_longest)
{
    struct handler_cost sum = {.frames = 5, .longest_ns = 70};
    const struct handler_cost part = {.frames = 7, .reused = 2, .longest_ns = 30};

    handler_cost_add(&sum, &part);
    cr_assert_eq(sum.frames, 12);
    cr_assert_eq(sum.reused, 2);
    cr_assert_eq(sum.longest_ns, 70);
}
