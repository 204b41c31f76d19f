/* Entries to threads: periods become time, rests are time already. */
#include "analyzer/load/thread_sums.h"

#include <criterion/criterion.h>

Test(thread_sums, sampled_time_and_rests)
{
    struct profile_thread threads[2] = {{.cpu_ns = 50, .end_ns = 30}, {.cpu_ns = 70, .samples = 9}};
    struct profile_entry entries[3] = {
        {.thread = 0, .value = {[METRIC_CPU] = 3, [METRIC_SAMPLES] = 2}},
        {.thread = 0, .value = {[METRIC_CPU] = 4}},
        {.thread = 1, .value = {[METRIC_CPU] = 5, [METRIC_SAMPLES] = 1, [METRIC_OFFCPU] = 1}},
    };
    enum entry_state states[3] = {ENTRY_RUNNING, ENTRY_REST, ENTRY_RUNNING};
    struct loaded_trace trace = {.threads = threads,
                                 .thread_count = 2,
                                 .entries = entries,
                                 .states = states,
                                 .entry_count = 3};

    trace.process.weight_unit_ns = 10;
    trace.process.end_ns = 99;
    trace.process.has_wall = true;
    thread_sums_finish(&trace);
    cr_assert_eq(entries[0].value[METRIC_CPU], 30);
    cr_assert_eq(entries[1].value[METRIC_CPU], 4);
    cr_assert_eq(entries[1].value[METRIC_WALL], 4);
    cr_assert_eq(entries[2].value[METRIC_WALL], 51);
    cr_assert(threads[0].sampled_ns == 30 && threads[1].sampled_ns == 50);
    cr_assert(threads[0].samples == 2 && threads[1].samples == 9);
    cr_assert(threads[0].end_ns == 30 && threads[1].end_ns == 99);
    cr_assert_eq(trace.process.cpu_ns, 120);
}
