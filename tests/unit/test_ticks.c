/* The clock of exact events: both kinds go on, at a rate that stays. */
#include "preload/contract/ticks.h"

#include <criterion/criterion.h>

Test(ticks, time_does_not_go_back)
{
    for (int kind = TICKS_PROCESSOR; kind <= TICKS_MONOTONIC; kind++) {
        uint64_t before = ticks_now_sigsafe(kind);
        for (int i = 0; i < 100000; i++) {
            uint64_t now = ticks_now_sigsafe(kind);
            cr_assert_geq(now + 2, before);
            before = now;
        }
    }
}

Test(ticks, the_monotonic_kind_counts_eight_nanoseconds)
{
    libc_clock_init();
    uint64_t before = libc_clock_now_sigsafe() / 8;
    uint64_t ticks = ticks_now_sigsafe(TICKS_MONOTONIC);
    cr_assert_geq(ticks, before);
    cr_assert_leq(ticks, libc_clock_now_sigsafe() / 8);
}

Test(ticks, one_of_the_two_is_chosen)
{
    enum ticks_kind kind = ticks_choose();
    cr_assert(kind == TICKS_PROCESSOR || kind == TICKS_MONOTONIC);
}
