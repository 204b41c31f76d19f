/*
 * The clock of exact heap events: what costs least to read, compared with
 * CLOCK_MONOTONIC now and then. One unit is about 10 ns.
 *
 * Signal-safe but for the choice.
 */
#ifndef PROFINJECT_TICKS_H
#define PROFINJECT_TICKS_H

#include "preload/contract/libc_clock.h"
#include "preload/platform.h"

#include <stdint.h>

/* Numbers are in ring files. */
enum ticks_kind {
    TICKS_PROCESSOR = 1, /* platform_ticks_sigsafe() */
    TICKS_MONOTONIC = 2, /* CLOCK_MONOTONIC in units of 8 ns */
};

/* The processor's when the kernel itself uses it, else the other. Opens a file. */
enum ticks_kind ticks_choose(void);

static inline uint64_t ticks_now_sigsafe(enum ticks_kind kind)
{
    return PLATFORM_LIKELY(kind == TICKS_PROCESSOR) ? platform_ticks_sigsafe()
                                                    : libc_clock_now_sigsafe() >> 3;
}

#endif
