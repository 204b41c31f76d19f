/* Unit tests of analyzer/insight/correlation.c, against figures worked out by hand. */
#include "analyzer/insight/correlation.h"
#include "tests/unit/series_maker.h"

#include <criterion/criterion.h>
#include <math.h>

Test(correlation, of_values_by_hand)
{
    /* Means 3 and 4; sums of squares 10 and 6, of products 6: 6 / sqrt(60). */
    double x[] = {1, 2, 3, 4, 5}, y[] = {2, 4, 5, 4, 5};

    cr_expect_float_eq(correlation_pearson(x, y, 5), 6 / sqrt(60), 1e-12);
    cr_expect_float_eq(correlation_pearson(x, x, 5), 1, 1e-12);
    double down[] = {10, 8, 6, 4, 2};
    cr_expect_float_eq(correlation_pearson(x, down, 5), -1, 1e-12);
}

Test(correlation, of_ranks_with_ties_by_hand)
{
    /* Ranks of y: 1, 2.5, 4.5, 2.5, 4.5; sums of squares 10 and 9, of products 7. */
    double x[] = {1, 2, 3, 4, 5}, y[] = {2, 4, 5, 4, 5};
    double steep[] = {1, 10, 100, 1000, 10000};

    cr_expect_float_eq(correlation_spearman(x, y, 5), 7 / sqrt(90), 1e-12);
    cr_expect_float_eq(correlation_spearman(x, steep, 5), 1, 1e-12);
    cr_expect_lt(correlation_pearson(x, steep, 5), 0.9);
}

Test(correlation, none_of_what_does_not_vary)
{
    double constant[] = {0.1, 0.1, 0.1, 0.1}, x[] = {1, 2, 3, 4};

    cr_expect(isnan(correlation_pearson(constant, x, 4)));
    cr_expect(isnan(correlation_spearman(x, constant, 4)));
    cr_expect(isnan(correlation_pearson(x, x, 1)));
    cr_expect(isnan(correlation_pearson(x, x, 0)));
    double large[] = {1e300, -1e300, 1e300, -1e300};
    double r = correlation_pearson(large, x, 4);
    cr_expect(isnan(r) || fabs(r) <= 1);
}

/* Of two with neighbours alike by 0.8, (1 - 0.64) / (1 + 0.64) of the pairs are worth something. */
Test(correlation, slow_series_are_worth_less)
{
    double x[1000], y[1000], sum = 0;

    for (int trial = 0; trial < 20; trial++) {
        series_wander(0.8, x, 1000);
        series_wander(0.8, y, 1000);
        sum += correlation_effective(x, y, 1000) / 20;
    }
    cr_expect(sum > 150 && sum < 320, "%g, expected 220", sum);
    series_wander(0, x, 1000);
    series_wander(0, y, 1000);
    cr_expect_gt(correlation_effective(x, y, 1000), 850);
    double constant[100] = {0};
    cr_expect_eq(correlation_effective(constant, x, 100), 2);
}

Test(correlation, bursts_are_counted)
{
    double twice[] = {0, 0, 9, 8, 0, 0, 9, 0, 0, 0}, once[] = {0, 0, 0, 7, 7, 7, 0, 0, 0, 0};
    double dips[] = {9, 9, 9, 0, 9, 9, 9, 0, 0, 9}, constant[] = {3, 3, 3, 3};

    cr_expect_eq(correlation_bursts(twice, 10), 2);
    cr_expect_eq(correlation_bursts(once, 10), 1);
    cr_expect_eq(correlation_bursts(dips, 10), 2);
    cr_expect_eq(correlation_bursts(constant, 4), 0);
    cr_expect_eq(correlation_bursts(constant, 0), 0);
}
