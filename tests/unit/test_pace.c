/* When the servant looks: bounds, and what lies between them. */
#include "preload/contract/pace.h"

#include <criterion/criterion.h>

#define MS 1000000u

Test(pace, sooner_at_first)
{
    cr_assert_eq(pace_soon_ns(0, 50 * MS, 1000 * MS), 50 * MS);
    cr_assert_eq(pace_soon_ns(100 * MS, 50 * MS, 1000 * MS), 50 * MS);
    cr_assert_eq(pace_soon_ns(600 * MS, 50 * MS, 1000 * MS), 300 * MS);
    cr_assert_eq(pace_soon_ns(2000 * MS, 50 * MS, 1000 * MS), 1000 * MS);
    cr_assert_eq(pace_soon_ns(3600000ull * MS, 50 * MS, 1000 * MS), 1000 * MS);
}

/* 32 KiB of samples of 48 bytes are 682; a quarter is 170. */
Test(pace, before_a_ring_is_half_full)
{
    cr_assert_eq(pace_look_ns(1 * MS), 170 * MS);
    cr_assert_eq(pace_look_ns(4 * MS), 680 * MS);
    cr_assert_eq(pace_look_ns(10 * MS), 1000 * MS);
    cr_assert_eq(pace_look_ns(MS / 10), 20 * MS);
}
