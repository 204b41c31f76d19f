/* The one-instruction counts: all of the word counts, and only below zero is below zero. */
#include "preload/platform.h"

#include <criterion/criterion.h>

Test(platform, adds_to_the_whole_word)
{
    uint64_t count = UINT32_MAX;
    platform_add_own_sigsafe(&count, 1);
    cr_assert_eq(count, 1ull << 32);
    platform_add_own_sigsafe(&count, 3ull << 33);
    cr_assert_eq(count, 7ull << 32);
}

Test(platform, tells_when_less_than_nothing_is_left)
{
    int64_t left = 1ll << 40;
    cr_assert_not(platform_take_own_sigsafe(&left, (1ull << 40) - 1));
    cr_assert_not(platform_take_own_sigsafe(&left, 1));
    cr_assert_eq(left, 0);
    cr_assert(platform_take_own_sigsafe(&left, 1));
    cr_assert_eq(left, -1);
    left = INT64_MAX;
    cr_assert_not(platform_take_own_sigsafe(&left, UINT32_MAX));
    cr_assert_eq(left, INT64_MAX - UINT32_MAX);
}
