/*
 * Estimates from samples. Its own file because the statistics can be tested on
 * simulated populations without a profile.
 */
#include "analyzer/model/estimate.h"

#include "preload/contract/trace_format.h"

#include <math.h>
#include <stdbool.h>

#define Z_95 1.959963984540054
#define MINUS_LOG_TAIL 3.6888794541139363 /* -ln 0.025 */

double estimate_weight(uint64_t size, uint64_t mean)
{
    return mean == 0 ? 1 : -1 / expm1(-(double)size / (double)mean);
}

/* For an item in the sample that counts y and had the chance p, geometrically many like it
 * were missed: (1-p)/p on average. Of y times that many the cumulants are y (1-p)/p,
 * y^2 (1-p)/p^2 and y^3 (1-p)(2-p)/p^3; half the third makes a gamma distribution's
 * scale when it is divided by the second. */
static void add(struct estimate *estimate, double value, double weight, double sign)
{
    double missing = 1 - 1 / weight, taken = value * weight;

    estimate->number += sign;
    estimate->total += sign * taken;
    estimate->known += sign * value;
    if (missing == 0)
        return;
    estimate->second += sign * missing * taken * taken;
    estimate->third += sign * missing * (1 + missing) / 2 * taken * taken * taken;
    estimate->chance += sign * log(weight);
    if (missing * taken > estimate->most)
        estimate->most = missing * taken;
}

void estimate_add(struct estimate *estimate, double value, double weight)
{
    add(estimate, value, weight, 1);
}

void estimate_remove(struct estimate *estimate, double value, double weight)
{
    add(estimate, value, weight, -1);
    /* Rounding errors, of sums that were large, would be all there is. */
    if (estimate->number == 0)
        estimate->total = estimate->known = estimate->second = estimate->third = estimate->chance =
            0;
}

void estimate_join(struct estimate *estimate, const struct estimate *other)
{
    estimate->number += other->number;
    estimate->total += other->total;
    estimate->known += other->known;
    estimate->second += other->second;
    estimate->third += other->third;
    estimate->chance += other->chance;
    if (other->most > estimate->most)
        estimate->most = other->most;
}

/* Quantile of the gamma distribution of `shape` and scale 1 at the normal deviate `z`,
 * by Wilson and Hilferty's cube (1931): within 1 % from a shape of 1 on. */
static double gamma_quantile(double shape, double z)
{
    double cube = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape));

    return cube > 0 ? shape * cube * cube * cube : 0;
}

/* The same for an error with these moments, beyond its mean. */
static double error_quantile(double second, double third, double more, double z)
{
    double scale = third / second, shape = second / (scale * scale);

    return scale * (gamma_quantile(shape + more, z) - shape);
}

/* Of s bytes s (1-p)/p are missing on average: R at most. Of five samples or fewer R is taken
 * for possible whatever they are: in a population of many blocks of 32 bytes and few of 1 MiB, in
 * which most of the bytes are, intervals of what was met held the truth in 89 %. */
struct estimate_missed estimate_missed_bytes(uint64_t mean)
{
    return (struct estimate_missed){.least = (double)mean, .most = (double)mean};
}

/* (1-p)/p blocks for one, of which the smallest have the least p. */
struct estimate_missed estimate_missed_blocks(uint64_t mean)
{
    double most = mean == 0 ? 0 : 1 / expm1((double)TRACE_HEAP_BLOCK_CHARGE / (double)mean);

    return (struct estimate_missed){.least = fmin(1, most), .most = most};
}

/*
 * The largest weight that items not sampled have. When samples are alike, or the larger weights
 * among them many, it is the largest met. When few dominate, there are likely some of larger ones
 * still: in a population with as many blocks of every size from 16 bytes to 1 MiB, of which 100
 * samples have met few below 1 KiB, intervals without this held the number of blocks in 72 %. With
 * the largest weight possible, always, they reach 20 to 1000 times the truth where blocks are
 * large. `dominant` is how many items of one weight would have the same second and third moment:
 * all of them where they are alike, two or three, however many samples, where weights have no end.
 */
static double unmet_weight(const struct estimate *estimate, struct estimate_missed missed)
{
    double few = fmin(1, 3.8 / estimate->number);
    double weight = fmax(estimate->most, missed.least * few * few);

    if (estimate->second > 0) {
        double scale = estimate->third / estimate->second;
        double dominant = estimate->second / (scale * scale);
        double excess = (estimate->number + 1) / (dominant + 1);
        if (excess > 1)
            weight = fmax(weight, estimate->most * pow(excess, 7.5 / (dominant + 1)));
    }
    return fmin(weight, fmax(missed.most, estimate->most));
}

/*
 * Were all weights the same and large, the number of items sampled would be Poisson, and
 * gamma quantiles its interval: of half an item more (Jeffreys' prior: 95 % on average and
 * not at least, as Garwood's). Other weights are met by a gamma distribution with the
 * error's second and third moment; above with half an item of the largest weight that items
 * not sampled have (Fay and Feuer, Statistics in Medicine 16, 1997, on weighted sums of Poisson
 * variables). What was sampled is certainly there, and is all there is when the chance of that is
 * more than the 2.5 % left out below.
 */
struct interval estimate_interval(const struct estimate *estimate, struct estimate_missed missed)
{
    struct interval interval = {estimate->total, estimate->total};

    if (estimate->number <= 0) {
        interval.high = missed.most * gamma_quantile(0.5, Z_95);
        return interval;
    }
    double weight = unmet_weight(estimate, missed);
    if (weight <= 0)
        return interval;
    if (estimate->chance >= MINUS_LOG_TAIL)
        interval.low += error_quantile(estimate->second, estimate->third, 0.5, -Z_95);
    if (estimate->chance < MINUS_LOG_TAIL || interval.low < estimate->known)
        interval.low = estimate->known;
    interval.high +=
        0.5 * weight + error_quantile(estimate->second + 0.5 * weight * weight,
                                      estimate->third + 0.5 * weight * weight * weight, 0, Z_95);
    return interval;
}
