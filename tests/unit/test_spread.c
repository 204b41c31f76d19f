/* Spreading by weight, within bounds. */
#include "analyzer/load/spread.h"

#include <criterion/criterion.h>

Test(spread, by_weight_and_no_more_than_there_is_room)
{
    struct spread_share shares[] = {{1, 1000, 0}, {3, 1000, 5}, {1, 10, 0}, {0, 1000, 0}};

    cr_expect_eq(spread(shares, 4, 410), 0);
    cr_expect(shares[0].got >= 99 && shares[0].got <= 101, "%lu", shares[0].got);
    cr_expect(shares[1].got >= 304 && shares[1].got <= 306, "%lu", shares[1].got);
    cr_expect_eq(shares[2].got, 10);
    cr_expect_eq(shares[3].got, 0);
    cr_expect_eq(shares[0].got + shares[1].got + shares[2].got, 415);
    cr_expect_eq(shares[0].room, 1000 - shares[0].got);
}

Test(spread, what_nobody_takes_is_left)
{
    struct spread_share shares[] = {{2, 10, 0}, {1, 0, 0}};

    cr_expect_eq(spread(shares, 2, 25), 15);
    cr_expect_eq(spread(shares, 2, 7), 7);
    cr_expect_eq(spread(shares, 0, 7), 7);
}
