/* Its own file because disks, sensors, memory all need it, and it must be right. */
#include "preload/resources/rising_count.h"

#define RANGE_32 (UINT64_C(1) << 32)

bool rising_count_step(struct rising_count *count, uint64_t raw, uint64_t range)
{
    uint64_t before = count->raw;
    bool first = !count->known;
    count->known = true;
    count->raw = raw;
    if (first)
        return true;
    if (raw >= before) {
        count->sum += raw - before;
        return true;
    }
    if (!range && before < RANGE_32 && before >= RANGE_32 / 2 && raw < RANGE_32 / 2)
        range = RANGE_32;
    if (!range || before > range)
        return false;
    count->sum += range - before + raw;
    return true;
}
