/* Unit tests of analyzer/util/units.c. */
#include "analyzer/util/units.h"

#include <criterion/criterion.h>

Test(units, bytes)
{
    cr_assert_str_eq(units_bytes(0).text, "0 B");
    cr_assert_str_eq(units_bytes(1000).text, "1000 B");
    cr_assert_str_eq(units_bytes(1024).text, "1.00 KiB");
    cr_assert_str_eq(units_bytes(13002342).text, "12.4 MiB");
    cr_assert_str_eq(units_bytes(-3 * 1024).text, "-3.00 KiB");
    cr_assert_str_eq(units_bytes(1024 * 1024 - 1).text, "1.00 MiB");
    cr_assert_str_eq(units_bytes((double)INT64_MAX).text, "8388608 TiB");
}

Test(units, durations)
{
    cr_assert_str_eq(units_duration(999).text, "999 ns");
    cr_assert_str_eq(units_duration(1500).text, "1.50 us");
    cr_assert_str_eq(units_duration(12345678).text, "12.3 ms");
    cr_assert_str_eq(units_duration(61200000000).text, "61.2 s");
    cr_assert_str_eq(units_duration(599000000000).text, "599 s");
    cr_assert_str_eq(units_duration(660000000000).text, "11.0 min");
    cr_assert_str_eq(units_duration(9000000000000).text, "2.50 h");
}

/* Of damaged traces. */
Test(units, more_than_whole_numbers_hold)
{
    cr_assert_str_eq(units_duration(3.6e30).text, "1.00e+18 h");
    cr_assert_str_eq(units_bytes(-0x1p140).text, "-1.27e+30 TiB");
    cr_assert_str_eq(units_duration((double)INT64_MAX).text, "2562048 h");
    cr_assert_str_eq(units_duration(-0.7).text, "0 ns");
    cr_assert_str_eq(units_bytes(1.9).text, "1 B");
}

Test(units, counts)
{
    cr_assert_str_eq(units_count(0).text, "0");
    cr_assert_str_eq(units_count(847).text, "847");
    cr_assert_str_eq(units_count(1200000).text, "1.20 M");
    cr_assert_str_eq(units_exact(0).text, "0");
    cr_assert_str_eq(units_exact(999).text, "999");
    cr_assert_str_eq(units_exact(1000).text, "1 000");
    cr_assert_str_eq(units_exact(24000000).text, "24 000 000");
    cr_assert_str_eq(units_exact(-1234567).text, "-1 234 567");
    cr_assert_str_eq(units_exact(INT64_MIN).text, "-9 223 372 036 854 775 808");
}

Test(units, percents)
{
    cr_assert_str_eq(units_percent(38, 100).text, "38 %");
    cr_assert_str_eq(units_percent(1.24, 100).text, "1.2 %");
    cr_assert_str_eq(units_percent(2, 10000).text, "0.02 %");
    cr_assert_str_eq(units_percent(1, 1e9).text, "<0.01 %");
    cr_assert_str_eq(units_percent(0, 10).text, "0 %");
    cr_assert_str_eq(units_percent(0, 0).text, "-");
    cr_assert_str_eq(units_percent(10, 10).text, "100 %");
}
