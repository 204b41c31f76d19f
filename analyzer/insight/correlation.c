/* correlation.h. Its own file because it is arithmetic that anybody can check. */
#include "analyzer/insight/correlation.h"

#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

#define STRENGTH_MOST 0.9999999 /* whose z is finite */
#define ROUNDING 1e-12          /* of squares: what constant values leave by rounding */

static double mean_of(const double *x, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += x[i];
    return sum / (double)count;
}

double correlation_pearson(const double *x, const double *y, size_t count)
{
    double xx = 0, yy = 0, xy = 0;

    if (count < 2)
        return NAN;
    double x_mean = mean_of(x, count), y_mean = mean_of(y, count);
    for (size_t i = 0; i < count; i++) {
        xx += (x[i] - x_mean) * (x[i] - x_mean);
        yy += (y[i] - y_mean) * (y[i] - y_mean);
        xy += (x[i] - x_mean) * (y[i] - y_mean);
    }
    if (!(xx > ROUNDING * x_mean * x_mean * (double)count) ||
        !(yy > ROUNDING * y_mean * y_mean * (double)count) || isinf(xx) || isinf(yy))
        return NAN;
    return fmax(-1, fmin(1, xy / sqrt(xx) / sqrt(yy)));
}

double correlation_fisher(double strength)
{
    return atanh(fmax(-STRENGTH_MOST, fmin(STRENGTH_MOST, strength)));
}

struct ranked {
    double value;
    size_t number;
};

static int compare(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;

    return (left->value > right->value) - (left->value < right->value);
}

/* free() */
static double *ranks_of(const double *x, size_t count)
{
    struct ranked *sorted = memory_alloc((count + 1) * sizeof(*sorted));
    double *ranks = memory_alloc((count + 1) * sizeof(*ranks));

    for (size_t i = 0; i < count; i++)
        sorted[i] = (struct ranked){x[i], i};
    qsort(sorted, count, sizeof(*sorted), compare);
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && sorted[end].value == sorted[i].value)
            end++;
        for (size_t j = i; j < end; j++)
            ranks[sorted[j].number] = (double)(i + end - 1) / 2;
        i = end;
    }
    free(sorted);
    return ranks;
}

double correlation_spearman(const double *x, const double *y, size_t count)
{
    double *x_ranks = ranks_of(x, count), *y_ranks = ranks_of(y, count);
    double result = correlation_pearson(x_ranks, y_ranks, count);

    free(x_ranks);
    free(y_ranks);
    return result;
}

static double covariance_after(const double *x, double mean, size_t count, size_t lag)
{
    double sum = 0;

    for (size_t i = 0; i + lag < count; i++)
        sum += (x[i] - mean) * (x[i + lag] - mean);
    return sum;
}

double correlation_effective(const double *x, const double *y, size_t count)
{
    double inflation = 1;

    if (count < 2)
        return (double)count;
    double x_mean = mean_of(x, count), y_mean = mean_of(y, count);
    double xx = covariance_after(x, x_mean, count, 0), yy = covariance_after(y, y_mean, count, 0);
    if (!(xx > 0) || !(yy > 0))
        return 2;
    /* What is behind the first stretch without resemblance is noise of the estimate. */
    for (size_t lag = 1; lag <= count / 4; lag++) {
        double both = covariance_after(x, x_mean, count, lag) / xx *
                      (covariance_after(y, y_mean, count, lag) / yy);
        if (fabs(both) < 1 / (double)count)
            break;
        inflation += 2 * (1 - (double)lag / (double)count) * both;
    }
    return fmax(2, fmin((double)count, (double)count / fmax(inflation, 1)));
}

static size_t count_runs(const double *x, size_t count, double sign, double above)
{
    size_t runs = 0;

    for (size_t i = 0; i < count; i++)
        runs += sign * x[i] > above && (i == 0 || !(sign * x[i - 1] > above));
    return runs;
}

size_t correlation_bursts(const double *x, size_t count)
{
    if (count == 0)
        return 0;
    double mean = mean_of(x, count), above = 0;
    size_t over = 0;
    for (size_t i = 0; i < count; i++)
        if (x[i] > mean) {
            above += x[i] - mean;
            over++;
        }
    if (over == 0 || over == count)
        return 0;
    /* Deviations above and below come to the same. */
    double up = above / (double)over, down = above / (double)(count - over);
    return up >= down ? count_runs(x, count, 1, mean + up / 2)
                      : count_runs(x, count, -1, -mean + down / 2);
}
