/* How often resources are looked at. */
#include "preload/resources/resource_pace.h"

#include <criterion/criterion.h>

#define MS 1000000ull

TestSuite(resource_pace);

/* It opened files: 5 ms. Those behind it take 0.2 ms, a hundredth of 20. */
Test(resource_pace, a_dear_first_look_is_soon_forgotten)
{
    struct resource_found found = {.ran = true, .change = 1, .cost_ns = 5 * MS, .sharing = 1};
    struct resource_pace pace;
    uint64_t now_ns = 1000 * MS;

    resource_pace_init(&pace, 50, now_ns);
    resource_pace_note(&pace, now_ns, &found);
    cr_assert_eq(pace.period_ns, 500 * MS);
    found.cost_ns = MS / 5;
    while (pace.period_ns > 25 * MS) {
        now_ns += pace.period_ns;
        resource_pace_note(&pace, now_ns, &found);
    }
    cr_assert_lt(now_ns, 2500 * MS);
}

/* One dear look among many costs the next ones little. */
Test(resource_pace, nor_does_a_cheap_one_hide_dear_ones)
{
    struct resource_found found = {.ran = true, .change = 1, .sharing = 1};
    struct resource_pace pace;
    uint64_t sum_ns = 0;

    resource_pace_init(&pace, 50, 0);
    for (unsigned i = 0; i < 400; i++) {
        found.cost_ns = i % 4 == 0 ? MS / 5 : MS;
        resource_pace_note(&pace, i * MS, &found);
        sum_ns += pace.period_ns;
    }
    cr_assert_geq(sum_ns / 400, 40 * MS, "0.8 ms in the mean are 2 %% of 40 ms: %llu",
                  (unsigned long long)sum_ns / 400);
}
