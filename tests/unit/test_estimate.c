/* Unit tests of analyzer/model/estimate.c. */
#include "analyzer/model/estimate.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#define MEAN (512u << 10)
#define RUNS 10000

static uint64_t state = 88172645463325252u;

/* xorshift64*, (0, 1] */
static double uniform(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (double)((state * 2685821657736338717u >> 11) + 1) / 9007199254740992.0;
}

/* `count` items of sizes drawn once by `draw`, and what they are together. */
struct population {
    uint64_t *sizes;
    size_t count;
    double bytes;
};

static struct population population_of(size_t count, uint64_t (*draw)(void))
{
    struct population made = {malloc(count * sizeof(uint64_t)), count, 0};

    for (size_t i = 0; i < count; i++) {
        made.sizes[i] = draw();
        made.bytes += (double)made.sizes[i];
    }
    return made;
}

static bool holds(struct interval interval, double truth)
{
    return interval.low <= truth && truth <= interval.high;
}

/* Shares of runs, in %, whose intervals hold the true bytes and the true count, of a
 * population sampled as allocations are: by a countdown of bytes. */
static void coverage(const struct population *all, double *bytes, double *counts)
{
    unsigned right_bytes = 0, right_counts = 0;

    for (int run = 0; run < RUNS; run++) {
        struct estimate size = {.total = 0}, count = {.total = 0};
        double left = -log(uniform()) * MEAN;
        for (size_t i = 0; i < all->count; i++) {
            left -= (double)all->sizes[i];
            if (left > 0)
                continue;
            double weight = estimate_weight(all->sizes[i], MEAN);
            estimate_add(&size, (double)all->sizes[i], weight);
            estimate_add(&count, 1, weight);
            left = -log(uniform()) * MEAN;
        }
        right_bytes += holds(estimate_interval(&size, MEAN), all->bytes);
        right_counts += holds(estimate_interval(&count, MEAN / (all->bytes / (double)all->count)),
                              (double)all->count);
    }
    *bytes = right_bytes * 100.0 / RUNS;
    *counts = right_counts * 100.0 / RUNS;
}

static uint64_t small(void)
{
    return 20000 + (uint64_t)(uniform() * 40000);
}

/* From 1 KiB to 16 MiB, each octave as often as the others. */
static uint64_t octaves(void)
{
    return (uint64_t)(1024 * exp2(uniform() * 14));
}

static uint64_t one_size(void)
{
    return 100000;
}

static uint64_t large(void)
{
    return 200000 + (uint64_t)(uniform() * 2000000);
}

static void expect_coverage(size_t count, uint64_t (*draw)(void), double low, double high)
{
    struct population all = population_of(count, draw);
    double bytes, counts;

    coverage(&all, &bytes, &counts);
    cr_expect(bytes >= low && bytes <= high, "bytes of %zu: %.2f %%", count, bytes);
    cr_expect(counts >= low && counts <= high, "count of %zu: %.2f %%", count, counts);
    free(all.sizes);
}

Test(estimate, intervals_hold_the_truth_of_many_samples)
{
    expect_coverage(2000, small, 94, 96);
    expect_coverage(1500, one_size, 94, 96);
    expect_coverage(500, large, 94, 96);
}

/* Of so few, small ones, of which there are most, are hardly ever met: what is known of
 * bytes is not known of counts. */
Test(estimate, intervals_hold_the_truth_of_mixed_sizes)
{
    struct population few = population_of(600, octaves);
    double bytes, counts;

    coverage(&few, &bytes, &counts);
    cr_expect(bytes >= 94 && bytes <= 96, "%.2f %%", bytes);
    cr_expect(counts > 70, "%.2f %%", counts);
    free(few.sizes);
    expect_coverage(20000, octaves, 93, 97);
}

Test(estimate, intervals_of_few_samples_are_not_too_narrow)
{
    expect_coverage(60, one_size, 93, 97);
    expect_coverage(20, one_size, 90, 98);
}

Test(estimate, is_unbiased)
{
    struct population all = population_of(200, octaves);
    double sum = 0;

    for (int run = 0; run < 4000; run++) {
        double left = -log(uniform()) * MEAN;
        for (size_t i = 0; i < all.count; i++) {
            left -= (double)all.sizes[i];
            if (left > 0)
                continue;
            sum += (double)all.sizes[i] * estimate_weight(all.sizes[i], MEAN);
            left = -log(uniform()) * MEAN;
        }
    }
    cr_expect(fabs(sum / 4000 / all.bytes - 1) < 0.005, "%g", sum / 4000 / all.bytes);
    free(all.sizes);
}

Test(estimate, everything_sampled_is_exact)
{
    struct estimate estimate = {.total = 0};

    estimate_add(&estimate, 1e9, estimate_weight(1000000000, 0));
    estimate_add(&estimate, 7, estimate_weight(7, 0));
    estimate_remove(&estimate, 7, estimate_weight(7, 0));
    struct interval interval = estimate_interval(&estimate, 0);
    cr_expect(estimate.total == 1e9 && interval.low == 1e9 && interval.high == 1e9);
}

Test(estimate, nothing_sampled_is_not_nothing)
{
    struct estimate none = {.total = 0};
    struct interval interval = estimate_interval(&none, MEAN);

    cr_expect(interval.low == 0);
    cr_expect(interval.high > 1.5 * MEAN && interval.high < 4 * MEAN, "%g", interval.high);
}

Test(estimate, joined_parts_are_the_whole)
{
    struct estimate whole = {.total = 0}, part[2] = {{.total = 0}, {.total = 0}};

    for (int i = 0; i < 10; i++) {
        estimate_add(&whole, i, 3);
        estimate_add(&part[i % 2], i, 3);
    }
    estimate_join(&part[0], &part[1]);
    cr_expect_float_eq(part[0].total, whole.total, 1e-9);
    cr_expect_float_eq(part[0].second, whole.second, 1e-9);
    cr_expect_float_eq(part[0].third, whole.third, 1e-9);
}
