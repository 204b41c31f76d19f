/*
 * Student's t distribution, and what fitting variances takes. Plain functions; no state.
 */
#ifndef PROFINJECT_INSIGHT_STUDENT_H
#define PROFINJECT_INSIGHT_STUDENT_H

/* Chance of a value beyond -t or t; `freedom` > 0, INFINITY: the normal distribution. */
double student_tails(double t, double freedom);

/* The t >= 0 that student_tails() gives `tails` for, 0 < tails <= 1. */
double student_quantile(double tails, double freedom);

/* Derivatives of the logarithm of the gamma function, x > 0. */
double student_digamma(double x);
double student_trigamma(double x);

/* The x that student_trigamma() gives `y` > 0 for. */
double student_trigamma_inverse(double y);

#endif
