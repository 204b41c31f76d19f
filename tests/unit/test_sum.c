/* Unit tests of analyzer/util/sum.h. */
#include "analyzer/util/sum.h"

#include <criterion/criterion.h>

Test(sum, stops_at_the_limits)
{
    cr_assert_eq(sum_signed(40, 2), 42);
    cr_assert_eq(sum_signed(INT64_MAX, 1), INT64_MAX);
    cr_assert_eq(sum_signed(INT64_MIN, -1), INT64_MIN);
    cr_assert_eq(sum_signed(INT64_MAX, INT64_MIN), -1);
    cr_assert_eq(sum_unsigned(40, 2), 42);
    cr_assert_eq(sum_unsigned(UINT64_MAX, 1), UINT64_MAX);
}
