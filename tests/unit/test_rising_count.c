/* Unit tests of preload/resources/rising_count.c. */
#include "preload/resources/rising_count.h"

#include <criterion/criterion.h>

static struct rising_count count;

static void expect(uint64_t raw, uint64_t range, bool known, uint64_t sum)
{
    cr_expect_eq(rising_count_step(&count, raw, range), known, "%llu", (unsigned long long)raw);
    cr_expect_eq(count.sum, sum, "%llu: %llu", (unsigned long long)raw,
                 (unsigned long long)count.sum);
}

Test(rising_count, what_was_before_the_first_reading_does_not_count)
{
    expect(1000, 0, true, 0);
    expect(1010, 0, true, 10);
    expect(1010, 0, true, 10);
}

Test(rising_count, a_range_of_its_own)
{
    expect(900, 1000, true, 0);
    expect(50, 1000, true, 150);
    expect(50, 1000, true, 150);
}

Test(rising_count, counts_of_32_bits_pass_their_end)
{
    expect(UINT32_MAX - 9, 0, true, 0);
    expect(5, 0, true, 15);
}

Test(rising_count, a_fall_that_is_no_end_of_a_range_is_not_known)
{
    expect(5000, 0, true, 0);
    expect(3, 0, false, 0);
    expect(10, 0, true, 7);
    expect(UINT64_C(1) << 40, 0, true, 7 + (UINT64_C(1) << 40) - 10);
    expect(1, 0, false, 7 + (UINT64_C(1) << 40) - 10);
}

Test(rising_count, more_than_its_range_is_no_sound_range)
{
    expect(5000, 1000, true, 0);
    expect(10, 1000, false, 0);
}
