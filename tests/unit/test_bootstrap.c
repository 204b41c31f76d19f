/* Unit tests of analyzer/insight/bootstrap.c. */
#include "analyzer/insight/bootstrap.h"

#include "analyzer/insight/student.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>

static uint64_t state = 1442695040888963407u;

static double uniform(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return ((double)(state >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

static double variance(const double *values, size_t count)
{
    double mean = 0, squares = 0;

    for (size_t i = 0; i < count; i++)
        mean += values[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return squares / (double)(count - 1);
}

Test(bootstrap, many_normal_figures_have_normal_quantiles)
{
    double before[200], after[200];

    for (size_t i = 0; i < 200; i++) {
        before[i] = 10 + normal();
        after[i] = 12 + normal();
    }
    struct bootstrap_quantiles drawn = bootstrap_difference((struct bootstrap_side){before, 200},
                                                            (struct bootstrap_side){after, 200});
    cr_assert_float_eq(drawn.low, -1.96, 0.15);
    cr_assert_float_eq(drawn.high, 1.96, 0.15);
}

Test(bootstrap, a_skewed_side_has_a_longer_tail)
{
    double before[] = {1, 1, 1, 1, 1, 1, 1, 1}, after[] = {1, 1, 1, 1, 1, 1, 2, 9};
    struct bootstrap_quantiles drawn =
        bootstrap_difference((struct bootstrap_side){before, 8}, (struct bootstrap_side){after, 8});

    cr_assert_gt(drawn.high, -drawn.low + 0.5);
}

Test(bootstrap, equal_figures_and_single_ones_tell_nothing)
{
    double same[] = {5, 5, 5}, one[] = {3};
    struct bootstrap_quantiles drawn =
        bootstrap_difference((struct bootstrap_side){same, 3}, (struct bootstrap_side){one, 1});

    cr_assert_float_eq(drawn.low, -1.96, 0.001);
    cr_assert_float_eq(drawn.high, 1.96, 0.001);
}

/* As insight/changes.c does: the wider of what was drawn and the normal, times Student's t. */
static int covered(size_t runs, size_t trials, bool skewed)
{
    int count = 0;

    for (size_t trial = 0; trial < trials; trial++) {
        double sides[2][16], mean[2] = {0};
        for (int side = 0; side < 2; side++)
            for (size_t i = 0; i < runs; i++) {
                sides[side][i] = skewed ? exp(0.5 * normal()) : normal();
                mean[side] += sides[side][i] / (double)runs;
            }
        double error = sqrt((variance(sides[0], runs) + variance(sides[1], runs)) / (double)runs);
        struct bootstrap_quantiles drawn = bootstrap_difference(
            (struct bootstrap_side){sides[0], runs}, (struct bootstrap_side){sides[1], runs});
        double half = student_quantile(0.05, 2.0 * (double)runs - 2) * error / 1.96;
        count += mean[1] - mean[0] + half * fmin(drawn.low, -1.96) <= 0 &&
                 mean[1] - mean[0] + half * fmax(drawn.high, 1.96) >= 0;
    }
    return count;
}

/* The truth is in the interval in 95 of 100 cases: of so many, 93 to 99 (few runs make the
 * interval wide). The percentiles alone have 75 of 100 with three runs. */
Test(bootstrap, intervals_cover_with_few_runs)
{
    for (int skewed = 0; skewed < 2; skewed++)
        for (size_t runs = 3; runs <= 12; runs += 3) {
            int count = covered(runs, 1000, skewed != 0);
            cr_assert(count >= 930 && count <= 990, "%zu runs: %d of 1000", runs, count);
        }
}
