/* Unit tests of analyzer/insight/false_discovery.c: the example of Benjamini and Hochberg's paper. */
#include "analyzer/insight/false_discovery.h"

#include <criterion/criterion.h>
#include <math.h>

/* Their table of 15 tests of thrombolytics, of which 4 are significant at 5 % (section 4.1). */
static const double paper[] = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                               0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};

Test(false_discovery, as_in_the_paper)
{
    double q[15];
    size_t significant = 0;

    false_discovery(paper, 15, q);
    for (size_t i = 0; i < 15; i++) {
        significant += q[i] <= 0.05;
        cr_expect_geq(q[i], paper[i]);
    }
    cr_expect_eq(significant, 4);
    cr_expect_float_eq(q[0], 0.0015, 1e-12);          /* 0.0001 * 15 / 1 */
    cr_expect_float_eq(q[3], 0.0095 * 15 / 4, 1e-12); /* 0.035625 */
    cr_expect_float_eq(q[5], 0.0298 * 15 / 7, 1e-12); /* the 7th is better than 0.0278 * 15 / 6 */
    cr_expect_eq(q[14], 1);
}

Test(false_discovery, in_any_order_and_without_numbers)
{
    double p[] = {0.5, NAN, 0.01, 0.01}, q[4];

    false_discovery(p, 4, q);
    cr_expect_float_eq(q[2], 0.02, 1e-12);
    cr_expect_eq(q[2], q[3]);
    cr_expect_float_eq(q[0], 2.0 / 3, 1e-12);
    cr_expect_eq(q[1], 1);
    false_discovery(p, 0, q);
}

/* 0.902 times 171 and by 171 again is less, by rounding. */
Test(false_discovery, no_q_is_below_its_p)
{
    double p[171], q[171];

    for (size_t i = 0; i < 171; i++)
        p[i] = 0.902 - 1e-3 * (double)i;
    false_discovery(p, 171, q);
    for (size_t i = 0; i < 171; i++)
        cr_expect_geq(q[i], p[i]);
    cr_expect_eq(q[0], p[0]);
}
