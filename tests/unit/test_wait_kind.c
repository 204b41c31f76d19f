/* Names of what threads wait in. */
#include "analyzer/model/wait_kind.h"

#include <criterion/criterion.h>

Test(wait_kind, every_kind_has_a_name_and_a_mark_of_its_own)
{
    for (uint32_t kind = 1; kind < WAIT_KIND_COUNT; kind++) {
        cr_assert_not_null(wait_kind_name(kind), "%u", kind);
        for (uint32_t other = 1; other < kind; other++)
            cr_expect_str_neq(wait_kind_mark(kind), wait_kind_mark(other));
    }
    for (int group = 0; group < WAIT_GROUPS; group++)
        cr_expect_not_null(wait_group_name((enum wait_group)group));
    cr_expect_str_eq(wait_kind_mark(TRACE_WAIT_READ_LOCK), "[off-CPU: read lock]");
    cr_expect_str_eq(wait_kind_mark(99), "[off-CPU: other]");
    cr_expect_str_eq(wait_kind_mark(0), "[off-CPU: other]");
}

Test(wait_kind, locks_and_input_and_output_are_metrics)
{
    cr_expect_eq(wait_kind_metric(TRACE_WAIT_ONCE), METRIC_LOCK_WAIT);
    cr_expect_eq(wait_kind_metric(TRACE_WAIT_IO_EVENTS), METRIC_IO_WAIT);
    cr_expect_eq(wait_kind_metric(TRACE_WAIT_POLL), METRIC_COUNT);
    cr_expect_eq(wait_kind_metric(TRACE_WAIT_FILE_LOCK), METRIC_COUNT);
    cr_expect_eq(wait_kind_metric(500), METRIC_COUNT);
}
