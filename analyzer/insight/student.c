/*
 * student.h. Its own file because it is mathematics and nothing else. (GSL has all of it, under a
 * licence that would become that of the whole program.)
 */
#include "analyzer/insight/student.h"

#include <float.h>
#include <math.h>

#define STEPS_MOST 500

/* The incomplete beta function's continued fraction (DLMF 8.17.22) by Lentz's method. */
static double beta_fraction(double x, double a, double b)
{
    double c = 1, d = 1 - (a + b) * x / (a + 1);

    d = 1 / (fabs(d) < DBL_MIN ? DBL_MIN : d);
    double value = d;
    for (int i = 1; i < STEPS_MOST; i++) {
        double even = i * (b - i) * x / ((a + 2 * i - 1) * (a + 2 * i));
        double odd = -(a + i) * (a + b + i) * x / ((a + 2 * i) * (a + 2 * i + 1));
        double step = 1;
        for (int half = 0; half < 2; half++) {
            double term = half == 0 ? even : odd;
            d = 1 + term * d;
            c = 1 + term / c;
            d = 1 / (fabs(d) < DBL_MIN ? DBL_MIN : d);
            c = fabs(c) < DBL_MIN ? DBL_MIN : c;
            step = c * d;
            value *= step;
        }
        if (fabs(step - 1) < 1e-15)
            break;
    }
    return value;
}

/* Regularised incomplete beta function. */
static double beta_part(double x, double a, double b)
{
    if (x <= 0 || x >= 1)
        return x >= 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2)) /* where the fraction converges fast */
        return front * beta_fraction(x, a, b) / a;
    return 1 - front * beta_fraction(1 - x, b, a) / b;
}

double student_tails(double t, double freedom)
{
    if (isnan(t))
        return 1;
    if (isinf(freedom))
        return erfc(fabs(t) / M_SQRT2);
    return beta_part(freedom / (freedom + t * t), freedom / 2, 0.5);
}

double student_quantile(double tails, double freedom)
{
    double low = 0, high = 1;

    while (student_tails(high, freedom) > tails && high < DBL_MAX / 2)
        high *= 2;
    for (int i = 0; i < 200 && high - low > 1e-12 * high; i++) {
        double middle = low + (high - low) / 2;
        *(student_tails(middle, freedom) > tails ? &low : &high) = middle;
    }
    return high;
}

/* Both by recurrence up to where the asymptotic series (DLMF 5.11.2, 5.15.8) is exact enough. */
double student_digamma(double x)
{
    double sum = 0;

    while (x < 10) {
        sum -= 1 / x;
        x += 1;
    }
    double y = 1 / (x * x);
    return sum + log(x) - 0.5 / x - y * (1.0 / 12 - y * (1.0 / 120 - y / 252));
}

double student_trigamma(double x)
{
    double sum = 0;

    while (x < 10) {
        sum += 1 / (x * x);
        x += 1;
    }
    double y = 1 / (x * x);
    return sum + 1 / x + y / 2 + y / x * (1.0 / 6 - y * (1.0 / 30 - y / 42));
}

/* It falls from infinity to 0. */
double student_trigamma_inverse(double y)
{
    double low = 1e-8, high = 1e8;

    for (int i = 0; i < 200 && high > low * (1 + 1e-12); i++) {
        double middle = sqrt(low * high);
        *(student_trigamma(middle) > y ? &low : &high) = middle;
    }
    return low;
}
