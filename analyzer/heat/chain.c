/*
 * exp(-x^8), again and again. Its own file because it is a function of its own in profiles.
 */
#include "analyzer/heat/chain.h"

/* Not inlined: in a profile it stands beside matrix_product(). exp() by its series, whose
 * operations can be counted; right to 1e-9 on [-1, 0]. */
__attribute__((noinline)) double chain_run(double value, uint64_t steps)
{
    static const double terms[] = {1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320,
                                   1.0 / 5040,     1.0 / 720,     1.0 / 120,    1.0 / 24,
                                   1.0 / 6,        1.0 / 2,       1.0,          1.0};

    for (uint64_t i = 0; i < steps; i++) {
        if (!(value >= 0 && value <= 1)) /* NaN, too */
            value = 0.5;
        double power = value * value;
        power *= power;
        power *= power;
        double sum = 1.0 / 479001600;
        for (unsigned k = 0; k < sizeof(terms) / sizeof(terms[0]); k++)
            sum = terms[k] - power * sum;
        value = sum;
    }
    return value;
}
