/* Unit tests of analyzer/model/scatter.c. */
#include "analyzer/model/scatter.h"

#include "tests/unit/runs_maker.h"

#include <criterion/criterion.h>

#define SAMPLES 250 /* of each part */

/* Mean of 20 runs in which a sample of part i is the function's with chance(i). */
static double scatter(double (*chance)(size_t part))
{
    double sum = 0;

    for (int round = 0; round < 20; round++) {
        struct scatter_run run = {{0}, {0}};
        double time[SCATTER_PARTS] = {0};
        for (size_t i = 0; i < SCATTER_PARTS * SAMPLES; i++) {
            run.length[i / SAMPLES] += 2;
            run.squares[i / SAMPLES] += 4;
            time[i / SAMPLES] += run_uniform() < chance(i / SAMPLES) ? 2 : 0;
        }
        sum += scatter_of(&run, time) / 20;
    }
    return sum;
}

static double always_alike(size_t part)
{
    (void)part;
    return 0.3;
}

static double drifting(size_t part)
{
    return 0.1 + 0.8 * (double)part / SCATTER_PARTS;
}

static double by_turns(size_t part)
{
    return part / 2 % 2 != 0 ? 0.2 : 0.4;
}

static double in_a_burst(size_t part)
{
    return part == 3 ? 0.5 : 0;
}

Test(scatter, independent_samples_scatter_by_chance)
{
    double mean = scatter(always_alike);

    cr_assert(mean >= 1 && mean < 1.35, "%g", mean);
}

Test(scatter, what_drifts_is_not_unsure)
{
    double mean = scatter(drifting);

    cr_assert(mean >= 1 && mean < 1.5, "%g", mean);
}

Test(scatter, what_comes_by_turns_or_in_bursts_is)
{
    cr_assert_gt(scatter(by_turns), 5);
    cr_assert_gt(scatter(in_a_burst), 30);
}

Test(scatter, of_nothing_nothing_is_known)
{
    struct scatter_run none = {{0}, {0}};
    double time[SCATTER_PARTS] = {0};

    cr_assert_eq(scatter_of(&none, time), 1);
}
