/*
 * Relative time-outs that shrink, for calls that are made again. The clock is only read where
 * there is one, and where it may be. Inline, any context.
 */
#ifndef PROFINJECT_TIMEOUTS_H
#define PROFINJECT_TIMEOUTS_H

#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define TIMEOUT_NS_PER_S 1000000000ull

struct timeout {
    uint64_t begin_ns, length_ns;
    struct timespec left;
    const struct timespec *given; /* &left once it has begun; NULL: for ever */
};

static inline bool timeout_is_finite(const struct timespec *time)
{
    return time && (time->tv_sec | time->tv_nsec) > 0 && time->tv_nsec < (long)TIMEOUT_NS_PER_S &&
           time->tv_sec >= 0 && time->tv_sec < (time_t)1 << 32;
}

static inline struct timeout timeout_of(const struct timespec *time)
{
    struct timeout timeout = {.given = time};
    if (timeout_is_finite(time) && !confinement_is_strict_sigsafe()) {
        timeout.length_ns = (uint64_t)time->tv_sec * TIMEOUT_NS_PER_S + (uint64_t)time->tv_nsec;
        timeout.begin_ns = libc_clock_now_sigsafe();
    }
    return timeout;
}

static inline void timeout_shorten(struct timeout *timeout)
{
    if (!timeout->length_ns)
        return;
    uint64_t passed = libc_clock_now_sigsafe() - timeout->begin_ns;
    uint64_t left = passed < timeout->length_ns ? timeout->length_ns - passed : 0;
    timeout->left = (struct timespec){.tv_sec = (time_t)(left / TIMEOUT_NS_PER_S),
                                      .tv_nsec = (long)(left % TIMEOUT_NS_PER_S)};
    timeout->given = &timeout->left;
}

/* The same in milliseconds, rounded up: what waits must not return early. */
struct timeout_ms {
    uint64_t begin_ns;
    int length, left;
};

static inline struct timeout_ms timeout_ms_of(int length)
{
    bool asks = length > 0 && !confinement_is_strict_sigsafe();
    return (struct timeout_ms){
        .begin_ns = asks ? libc_clock_now_sigsafe() : 0, .length = length, .left = length};
}

static inline void timeout_ms_shorten(struct timeout_ms *timeout)
{
    if (timeout->length <= 0)
        return;
    uint64_t passed = (libc_clock_now_sigsafe() - timeout->begin_ns) / 1000000u;
    timeout->left = passed < (uint64_t)timeout->length ? timeout->length - (int)passed : 0;
}

#endif
