/* Unit tests of analyzer/load/trace_entries.c. */
#include "analyzer/load/trace_entries.h"

#include "analyzer/util/key_table.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(trace_entries, each_place_and_state_has_one)
{
    struct loaded_trace trace = {.entry_count = 0};
    struct key_table *index = trace_entries_index();

    for (int round = 0; round < 2; round++) {
        for (uint32_t stack = 0; stack < 100; stack++) {
            trace_entries_find(&trace, index, 1, stack, 0, ENTRY_RUNNING)->value[METRIC_CPU]++;
            trace_entries_find(&trace, index, 1, stack, 0, ENTRY_BLOCKED)->value[METRIC_CPU] += 10;
            trace_entries_find(&trace, index, 2, stack, 0, ENTRY_RUNNING)->value[METRIC_CPU] += 100;
            trace_entries_find(&trace, index, 1, stack, 7, ENTRY_RUNNING)->value[METRIC_CPU] +=
                1000;
        }
    }
    cr_assert_eq(trace.entry_count, 400);
    int64_t sum = 0;
    for (size_t i = 0; i < trace.entry_count; i++) {
        const struct profile_entry *entry = &trace.entries[i];
        sum += entry->value[METRIC_CPU];
        cr_expect_eq(entry->value[METRIC_CPU] == 20, trace.states[i] == ENTRY_BLOCKED);
        cr_expect_eq(entry->value[METRIC_CPU] == 2000, entry->region == 7);
    }
    cr_expect_eq(sum, 2 * 100 * 1111);
    key_table_free(index);
    free(trace.entries);
    free(trace.states);
}
