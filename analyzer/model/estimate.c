/*
 * Estimates from samples. Its own file because the statistics can be tested on
 * simulated populations without a profile.
 */
#include "analyzer/model/estimate.h"

#include <math.h>

#define Z_95 1.959963984540054

double estimate_weight(uint64_t size, uint64_t mean)
{
    return mean == 0 ? 1 : -1 / expm1(-(double)size / (double)mean);
}

/* Of an item that counts y with probability p, taken for y/p: the cumulants of the
 * error are y^2 (1-p)/p and y^3 (1-p)(1-2p)/p^2 for each item there is, so for each one
 * sampled once more over p. (1-p) stands for (1-p)(1-2p): large items then add nothing,
 * and the skewness of small ones, all there is in practice, is the same. */
static void add(struct estimate *estimate, double value, double weight, double sign)
{
    double missing = 1 - 1 / weight, taken = value * weight;

    estimate->total += sign * taken;
    estimate->second += sign * missing * taken * taken;
    estimate->third += sign * missing * taken * taken * taken;
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
}

void estimate_join(struct estimate *estimate, const struct estimate *other)
{
    estimate->total += other->total;
    estimate->second += other->second;
    estimate->third += other->third;
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

/*
 * Were all weights the same, the number of items sampled would be Poisson, and gamma
 * quantiles its interval: of half an item more below (Jeffreys' prior: 95 % on average
 * and not at least, as Garwood's). Other weights are met by a gamma distribution with
 * the error's second and third moment, and above with one more item of the largest
 * weight, as in Fay and Feuer, 1997: what was not sampled weighs most.
 */
struct interval estimate_interval(const struct estimate *estimate, double unit)
{
    struct interval interval = {estimate->total, estimate->total};
    double most = estimate->most;

    /* What was removed again leaves a rounding error of either sign. */
    if (estimate->total <= 0) {
        interval.high = unit * gamma_quantile(0.5, Z_95);
        return interval;
    }
    if (estimate->second <= 0 || estimate->third <= 0)
        return interval;
    double scale = estimate->third / estimate->second;
    double items = estimate->second / (scale * scale);
    interval.low += scale * (gamma_quantile(items + 0.5, -Z_95) - items);
    if (interval.low < 0)
        interval.low = 0;
    double second = estimate->second + most * most;
    scale = (estimate->third + most * most * most) / second;
    items = second / (scale * scale);
    interval.high += most + scale * (gamma_quantile(items, Z_95) - items);
    return interval;
}
