/* Unit tests of preload/byte_sampler.c. */
#include "preload/byte_sampler.h"

#include <criterion/criterion.h>
#include <math.h>

#define MEAN (512u << 10)
#define DRAWS 200000

Test(byte_sampler, intervals_are_exponential)
{
    struct byte_sampler sampler;
    double sum = 0, squares = 0;
    unsigned beyond[8] = {0};

    byte_sampler_init_sigsafe(&sampler, 1);
    for (int i = 0; i < DRAWS; i++) {
        double next = (double)byte_sampler_next_sigsafe(&sampler, MEAN);
        cr_assert(next >= 1);
        sum += next / MEAN;
        squares += next / MEAN * (next / MEAN);
        for (int k = 0; k < 8; k++)
            beyond[k] += next > k * (double)MEAN;
    }
    /* Mean 1 and second moment 2, within 4 standard errors. */
    cr_expect(fabs(sum / DRAWS - 1) < 4 / sqrt(DRAWS), "mean %g", sum / DRAWS);
    cr_expect(fabs(squares / DRAWS - 2) < 4 * sqrt(20.0 / DRAWS), "%g", squares / DRAWS);
    for (int k = 1; k < 8; k++) {
        double p = exp(-k), share = (double)beyond[k] / DRAWS;
        cr_expect(fabs(share - p) < 4 * sqrt(p * (1 - p) / DRAWS), "beyond %d: %g", k, share);
    }
}

Test(byte_sampler, threads_differ_and_the_same_seed_repeats)
{
    struct byte_sampler one, other, again;

    byte_sampler_init_sigsafe(&one, 1000);
    byte_sampler_init_sigsafe(&other, 1001);
    byte_sampler_init_sigsafe(&again, 1000);
    int64_t first = byte_sampler_next_sigsafe(&one, MEAN);
    cr_expect_neq(first, byte_sampler_next_sigsafe(&other, MEAN));
    cr_expect_eq(first, byte_sampler_next_sigsafe(&again, MEAN));
}

Test(byte_sampler, a_mean_of_one_byte_hits_nearly_always)
{
    struct byte_sampler sampler;

    byte_sampler_init_sigsafe(&sampler, 3);
    for (int i = 0; i < 1000; i++) {
        int64_t next = byte_sampler_next_sigsafe(&sampler, 1);
        cr_expect(next >= 1 && next < 60, "%lld", (long long)next);
    }
}
