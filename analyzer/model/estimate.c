/*
 * Estimates from samples. Its own file because the statistics can be tested on
 * simulated populations without a profile.
 */
#include "analyzer/model/estimate.h"

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
    if (taken > estimate->largest)
        estimate->largest = taken;
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
    if (other->largest > estimate->largest)
        estimate->largest = other->largest;
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

/*
 * Were all weights the same and large, the number of items sampled would be Poisson, and
 * gamma quantiles its interval: of half an item more (Jeffreys' prior: 95 % on average and
 * not at least, as Garwood's). Other weights are met by a gamma distribution with the
 * error's second and third moment, above with half an item of the largest weight more, or
 * three quarters of one where weights differ most, in counts: what was not sampled weighs
 * most, and stands for R bytes or for one item at least. What was sampled is certainly
 * there, and is all there is when the chance of that is more than the 2.5 % left out below.
 */
struct interval estimate_interval(const struct estimate *estimate, double unit)
{
    struct interval interval = {estimate->total, estimate->total};
    bool counts = estimate->known == estimate->number; /* every item for 1 */
    double most = fmax(estimate->most, counts && unit > 1 ? 1 : unit);

    if (estimate->number <= 0) {
        double one = estimate->largest > 0 ? estimate->largest : unit;
        interval.high = one * gamma_quantile(0.5, Z_95);
        return interval;
    }
    if (most <= 0)
        return interval;
    if (estimate->chance >= MINUS_LOG_TAIL)
        interval.low += error_quantile(estimate->second, estimate->third, 0.5, -Z_95);
    if (estimate->chance < MINUS_LOG_TAIL || interval.low < estimate->known)
        interval.low = estimate->known;
    double more = counts ? 0.75 : 0.5;
    interval.high +=
        more * most + error_quantile(estimate->second + more * most * most,
                                     estimate->third + more * most * most * most, 0, Z_95);
    return interval;
}
