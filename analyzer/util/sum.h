/*
 * Addition that stops at the limits instead of wrapping: sums over figures from
 * traces, which may be damaged or hostile. Header only, no state.
 */
#ifndef PROFINJECT_UTIL_SUM_H
#define PROFINJECT_UTIL_SUM_H

#include <stdint.h>

static inline int64_t sum_signed(int64_t a, int64_t b)
{
    int64_t sum;

    if (__builtin_add_overflow(a, b, &sum))
        return b < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

/* A product likewise, of what is not negative. */
static inline int64_t sum_scaled(int64_t units, uint64_t unit)
{
    int64_t product;

    return __builtin_mul_overflow(units, unit, &product) ? INT64_MAX : product;
}

static inline uint64_t sum_unsigned(uint64_t a, uint64_t b)
{
    uint64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

#endif
