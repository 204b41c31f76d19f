/* Sums of blocked time. Its own file so that `report` and `info` cannot disagree. */
#include "analyzer/model/wait_coverage.h"

#include "analyzer/util/sum.h"

struct wait_coverage wait_coverage_of(const struct profile *profile)
{
    struct wait_coverage sum = {.blocked = 0};

    for (size_t i = 0; i < profile->thread_count && !profile->is_narrowed; i++) {
        const struct thread_time *time = &profile->threads[i].time;
        uint64_t seen = time->hooked_ns + time->looked_ns;
        if (!time->known)
            continue;
        sum.blocked = sum_unsigned(sum.blocked, time->blocked_ns);
        sum.hooked = sum_unsigned(sum.hooked, time->hooked_ns);
        sum.looked = sum_unsigned(sum.looked, time->looked_ns);
        sum.unplaced =
            sum_unsigned(sum.unplaced, time->blocked_ns > seen ? time->blocked_ns - seen : 0);
    }
    return sum;
}
