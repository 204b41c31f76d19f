/* Unit tests of analyzer/load/trace_entries.c. */
#include "analyzer/load/trace_entries.h"

#include <criterion/criterion.h>

Test(trace_entries, each_place_and_state_has_one)
{
    struct trace_entries entries;

    trace_entries_init(&entries);
    for (int round = 0; round < 2; round++) {
        for (uint32_t stack = 0; stack < 100; stack++) {
            trace_entry_add(trace_entries_find(&entries, 1, stack, 0, ENTRY_RUNNING), 1);
            trace_entry_add(trace_entries_find(&entries, 1, stack, 0, ENTRY_BLOCKED), 10);
            trace_entry_add(trace_entries_find(&entries, 2, stack, 0, ENTRY_RUNNING), 100);
            trace_entry_add(trace_entries_find(&entries, 1, stack, 7, ENTRY_RUNNING), 1000);
        }
    }
    cr_assert_eq(entries.count, 400);
    int64_t sum = 0;
    for (size_t i = 0; i < entries.count; i++) {
        const struct trace_entry *entry = &entries.items[i];
        sum += entry->time_ns;
        cr_expect_eq(entry->time_ns == 20, entry->state == ENTRY_BLOCKED);
        cr_expect_eq(entry->time_ns == 2000, entry->region == 7);
    }
    cr_expect_eq(sum, 2 * 100 * 1111);
    trace_entries_seal(&entries);
    cr_expect_eq(entries.count, 400);
    trace_entries_release(&entries);
}

/* Of a state, with or without a known whole: which metrics have the time. */
static void expect_metrics(uint32_t state, bool has_wall, unsigned metrics)
{
    const struct trace_entry entry = {.state = state, .time_ns = 5, .samples = 2};
    struct profile_entry values = trace_entry_values(&entry, has_wall);

    for (unsigned metric = 0; metric < METRIC_COUNT; metric++)
        cr_expect_eq(values.value[metric],
                     metric == METRIC_SAMPLES ? 2
                     : metrics >> metric & 1  ? 5
                                              : 0,
                     "state %u, metric %u", state, metric);
}

#define BIT(metric) (1u << (metric))

Test(trace_entries, metrics_of_states)
{
    const unsigned off = BIT(METRIC_OFFCPU) | BIT(METRIC_WALL);

    expect_metrics(ENTRY_RUNNING, false, BIT(METRIC_CPU));
    expect_metrics(ENTRY_RUNNING, true, BIT(METRIC_CPU) | BIT(METRIC_WALL));
    expect_metrics(ENTRY_REST, true, BIT(METRIC_CPU) | BIT(METRIC_WALL));
    for (int has_wall = 0; has_wall < 2; has_wall++) {
        expect_metrics(ENTRY_BLOCKED, has_wall, off);
        expect_metrics(ENTRY_RUNNABLE, has_wall, off | BIT(METRIC_RUNNABLE));
        for (uint32_t kind = 0; kind < WAIT_KIND_COUNT; kind++) {
            enum metric own = wait_kind_metric(kind);
            expect_metrics(ENTRY_WAITING + kind, has_wall,
                           off | (own != METRIC_COUNT ? BIT(own) : 0));
        }
    }
}

Test(trace_entries, memory_since_the_sample_before)
{
    const struct trace_entry entry = {
        .alloc_count = 3, .alloc_bytes = 100, .free_count = 4, .free_bytes = 130};
    struct profile_entry values = trace_entry_values(&entry, false);

    cr_expect_eq(values.value[METRIC_MEMORY_DELTA], -30);
    cr_expect(values.alloc_count == 3 && values.alloc_bytes == 100);
    cr_expect(values.free_count == 4 && values.free_bytes == 130);
}
