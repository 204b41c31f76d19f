/* Unit tests of analyzer/insight/student.c, against tables. */
#include "analyzer/insight/student.h"

#include <criterion/criterion.h>
#include <math.h>

static void near(double value, double expected, double relative)
{
    cr_assert(fabs(value - expected) <= relative * fabs(expected), "%.12g, not %.12g", value,
              expected);
}

Test(student, quantiles_are_those_of_the_tables)
{
    near(student_quantile(0.05, 1), 12.7062047364, 1e-9);
    near(student_quantile(0.05, 2), 4.30265272991, 1e-9);
    near(student_quantile(0.05, 4), 2.77644510520, 1e-9);
    near(student_quantile(0.05, 10), 2.22813885196, 1e-9);
    near(student_quantile(0.001, 8), 5.04130543339, 1e-9);
    near(student_quantile(0.05, INFINITY), 1.95996398454, 1e-9);
    near(student_quantile(0.05, 1e6), 1.95996398454, 1e-5);
}

Test(student, tails)
{
    near(student_tails(0, 5), 1, 1e-12);
    near(student_tails(-2.5, 7), student_tails(2.5, 7), 1e-12);
    near(student_tails(1, 1), 0.5, 1e-12);
    near(student_tails(3, 2), 1 - 3 / sqrt(11), 1e-12); /* closed forms, of 2 and of 3 degrees */
    double angle = atan(40 / sqrt(3));
    near(student_tails(40, 3), 1 - M_2_PI * (angle + sin(angle) * cos(angle)), 1e-8);
    cr_assert_eq(student_tails(INFINITY, 3), 0);
    cr_assert_eq(student_tails(NAN, 3), 1);
}

Test(student, derivatives_of_the_logarithm_of_gamma)
{
    near(student_digamma(1), -0.577215664901533, 1e-9);
    near(student_digamma(0.5), -1.963510026021423, 1e-9);
    near(student_trigamma(1), 1.644934066848226, 1e-9);
    near(student_trigamma(0.5), 4.934802200544679, 1e-9);
    near(student_trigamma_inverse(student_trigamma(3.7)), 3.7, 1e-8);
}
