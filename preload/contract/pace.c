/* The servant's times. Its own file because they are reckoned, and can be checked, alone. */
#include "preload/contract/pace.h"

#include "preload/contract/ring_format.h"

static uint64_t within(uint64_t ns, uint64_t least_ns, uint64_t most_ns)
{
    return ns > most_ns ? most_ns : ns < least_ns ? least_ns : ns;
}

uint64_t pace_soon_ns(uint64_t age_ns, uint64_t least_ns, uint64_t most_ns)
{
    return within(age_ns / 2, least_ns, most_ns);
}

uint64_t pace_look_ns(uint64_t period_ns)
{
    const uint64_t quarter = RING_DATA_SIZE / sizeof(struct ring_sample) / 4;
    return within(period_ns * quarter, PACE_LOOK_MIN_NS, PACE_LOOK_MAX_NS);
}
