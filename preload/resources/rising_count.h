/*
 * A count of the kernel's that only rises, but for what happens to such: it passes the end of its
 * range, or begins anew with its device. Pure functions over the caller's memory.
 */
#ifndef PROFINJECT_RESOURCES_RISING_COUNT_H
#define PROFINJECT_RESOURCES_RISING_COUNT_H

#include <stdbool.h>
#include <stdint.h>

struct rising_count {
    bool known;
    uint64_t raw, sum; /* as read last; of all increases, from 0 */
};

/* Adds the increase since the reading before. `range`: where it begins anew, 0: not
 * known, then a fall within 32 bits from their upper half is taken as their end. False when it
 * fell otherwise: the increase is not known, nor was anything added. */
bool rising_count_step(struct rising_count *count, uint64_t raw, uint64_t range);

#endif
