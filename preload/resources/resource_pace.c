/* The rule. Its own file because it can be read, and checked, alone. */
#include "preload/resources/resource_pace.h"

#define SECOND_NS 1000000000ull
#define COST_PART 100u /* of the time looks may take */
#define SMOOTHED 8u    /* looks */
#define OWED 16u       /* times what a look takes, of dear ones that are spread */

void resource_pace_init(struct resource_pace *pace, unsigned rate, uint64_t now_ns)
{
    *pace = (struct resource_pace){
        .asked_ns = SECOND_NS / rate, .changed_ns = now_ns, .ran_ns = now_ns};
    pace->period_ns = pace->asked_ns;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The asked period, so many times longer, but not beyond `limit_ns` for that. */
static uint64_t stretched(const struct resource_pace *pace, unsigned times, uint64_t limit_ns)
{
    uint64_t period_ns = pace->asked_ns * times;
    return most(pace->asked_ns, period_ns < limit_ns ? period_ns : limit_ns);
}

static uint64_t by_activity(const struct resource_pace *pace, uint64_t now_ns, double load)
{
    uint64_t idle_ns = now_ns - pace->ran_ns, steady_ns = now_ns - pace->changed_ns;
    if (idle_ns >= 30 * SECOND_NS)
        return most(pace->asked_ns, SECOND_NS);
    if (idle_ns >= 5 * SECOND_NS)
        return most(pace->asked_ns, SECOND_NS / 4);
    if (load >= RESOURCE_PACE_BUSY && steady_ns >= SECOND_NS)
        return stretched(pace, steady_ns >= 3 * SECOND_NS ? 4 : 2, SECOND_NS / 2);
    return pace->asked_ns;
}

/* The first look of all opens files, which no later one does. One that was dear is spread over those
 * that follow, as it may be by chance, and counts in part where it was very dear; those that are
 * dear now and then, as all threads are listed once a second, count in full. */
static void note_cost(struct resource_pace *pace, uint64_t cost_ns)
{
    if (!pace->looks++)
        return;
    uint64_t most_ns = pace->cost_ns ? 2 * pace->cost_ns : UINT64_MAX;
    uint64_t all_ns = cost_ns + pace->owed_ns;
    cost_ns = all_ns < most_ns ? all_ns : most_ns;
    uint64_t owed_ns = all_ns - cost_ns, owed_most_ns = OWED * pace->cost_ns;
    pace->owed_ns = owed_ns < owed_most_ns ? owed_ns : owed_most_ns;
    uint64_t sum_ns = pace->cost_ns * (SMOOTHED - 1) + cost_ns;
    pace->cost_ns = pace->cost_ns ? sum_ns / SMOOTHED : cost_ns;
}

void resource_pace_note(struct resource_pace *pace, uint64_t now_ns,
                        const struct resource_found *found)
{
    note_cost(pace, found->cost_ns);
    if (found->ran)
        pace->ran_ns = now_ns;
    if (found->change >= RESOURCE_PACE_CHANGE)
        pace->changed_ns = now_ns;
    uint64_t by_cost = pace->cost_ns * COST_PART * (found->sharing ? found->sharing : 1);
    uint64_t period_ns = most(by_activity(pace, now_ns, found->load), by_cost);
    uint64_t slowest_ns = most(pace->asked_ns, RESOURCE_PACE_SLOWEST_NS);
    pace->period_ns = period_ns < slowest_ns ? period_ns : slowest_ns;
}

double resource_pace_change(double before, double now, double least)
{
    double larger = before > now ? before : now, smaller = before > now ? now : before;
    return larger <= least ? 0 : (larger - smaller) / larger;
}
