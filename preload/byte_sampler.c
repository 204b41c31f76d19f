/*
 * Exponentially distributed intervals. Its own file because the library has no libm to
 * take a logarithm from.
 */
#include "preload/byte_sampler.h"

#define LN_2 0.69314718055994530942

void byte_sampler_init_sigsafe(struct byte_sampler *sampler, uint64_t seed)
{
    /* One step of splitmix64: neighbouring seeds, as of threads, end up far apart. */
    seed = (seed + 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
    sampler->random = (seed ^ seed >> 31) | 1;
}

/* xorshift64*: Vigna, 2016. */
static uint64_t next_random(struct byte_sampler *sampler)
{
    uint64_t x = sampler->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    sampler->random = x;
    return x * 2685821657736338717u;
}

/* -ln of x / 2^53, 0 < x <= 2^53, to 1e-10: the leading bit gives the power of two, the
 * rest, between sqrt(1/2) and sqrt(2), the series of 2 artanh((m - 1) / (m + 1)). */
static double minus_log(uint64_t x)
{
    int exponent = 63 - __builtin_clzll(x);
    double m = (double)x / (double)(1ull << exponent);
    if (m > 1.41421356237309504880) {
        m /= 2;
        exponent++;
    }
    double t = (m - 1) / (m + 1), square = t * t, term = t, sum = 0;
    for (int i = 1; i < 15; i += 2) {
        sum += term / i;
        term *= square;
    }
    return (53 - exponent) * LN_2 - 2 * sum;
}

int64_t byte_sampler_next_sigsafe(struct byte_sampler *sampler, uint64_t mean)
{
    uint64_t uniform = (next_random(sampler) >> 11) + 1;
    return 1 + (int64_t)(minus_log(uniform) * (double)mean);
}
