/* Entries to threads: periods become time, rests are time already. */
#include "analyzer/load/thread_sums.h"

#include <criterion/criterion.h>

Test(thread_sums, sampled_time_and_rests)
{
    struct profile_thread threads[2] = {{.cpu_ns = 50, .end_ns = 30}, {.cpu_ns = 70, .samples = 9}};
    struct trace_entry entries[4] = {
        {.thread = 0, .state = ENTRY_RUNNING, .time_ns = 3, .samples = 2},
        {.thread = 0, .state = ENTRY_REST, .time_ns = 4},
        {.thread = 1, .state = ENTRY_RUNNING, .time_ns = 5, .samples = 1},
        {.thread = 1, .state = ENTRY_BLOCKED, .time_ns = 1},
    };
    struct loaded_trace trace = {
        .threads = threads, .thread_count = 2, .entries = {.items = entries, .count = 4}};

    trace.process.weight_unit_ns = 10;
    trace.process.end_ns = 99;
    trace.process.has_wall = true;
    thread_sums_finish(&trace);
    cr_assert_eq(trace_entry_values(&entries[0], true).value[METRIC_CPU], 30);
    cr_assert_eq(trace_entry_values(&entries[1], true).value[METRIC_CPU], 4);
    cr_assert_eq(trace_entry_values(&entries[1], true).value[METRIC_WALL], 4);
    cr_assert_eq(trace_entry_values(&entries[2], true).value[METRIC_WALL], 50);
    cr_assert_eq(trace_entry_values(&entries[3], true).value[METRIC_WALL], 1);
    cr_assert(threads[0].sampled_ns == 30 && threads[1].sampled_ns == 50);
    cr_assert(threads[0].samples == 2 && threads[1].samples == 9);
    cr_assert(threads[0].end_ns == 30 && threads[1].end_ns == 99);
    cr_assert_eq(trace.process.cpu_ns, 120);
}
