/* Unit tests of analyzer/model/metric.c. */
#include "analyzer/model/metric.h"

#include <criterion/criterion.h>

Test(metric, names_find_their_metric)
{
    for (int i = 0; i < METRIC_COUNTER; i++)
        cr_assert_eq(metric_by_name(metric_info((enum metric)i)->name), (enum metric)i);
    cr_assert_eq(metric_by_name("cpu"), METRIC_CPU);
    cr_assert_eq(metric_by_name("samples"), METRIC_SAMPLES);
    cr_assert_eq(metric_by_name("memory-delta"), METRIC_MEMORY_DELTA);
    cr_assert_eq(metric_by_name("CPU"), METRIC_COUNT);
    cr_assert_eq(metric_by_name(""), METRIC_COUNT);
}

Test(metric, every_row_is_complete)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        const struct metric_info *info = metric_info((enum metric)i);
        cr_assert_not_null(info->title);
        cr_assert_not_null(info->label);
        cr_assert_not_null(info->how);
    }
    cr_assert(metric_info(METRIC_MEMORY_DELTA)->is_signed);
    cr_assert_not(metric_info(METRIC_CPU)->is_signed);
}

Test(metric, values_carry_their_unit)
{
    cr_assert_str_eq(metric_text(METRIC_CPU, 1500000).text, "1.50 ms");
    cr_assert_str_eq(metric_text(METRIC_MEMORY_DELTA, -2048).text, "-2.00 KiB");
    cr_assert_str_eq(metric_text(METRIC_SAMPLES, 1).text, "1 sample");
    cr_assert_str_eq(metric_text(METRIC_SAMPLES, 12345).text, "12 345 samples");
}

Test(metric, a_counter_that_is_the_hardwares_says_so)
{
    metric_use_counter("cycles");
    cr_assert_str_eq(metric_info(METRIC_COUNTER)->name, "cycles");
    cr_assert(metric_info(METRIC_COUNTER)->is_signed);
    metric_use_hardware(false);
    cr_assert_str_eq(metric_info(METRIC_COUNTER)->label,
                     "counted by the hardware, charged to the next sample");
    cr_assert_not(metric_info(METRIC_COUNTER)->is_signed);
    metric_use_hardware(true);
    cr_assert_str_eq(metric_info(METRIC_COUNTER)->label, "counted by the hardware, per thread");
}
