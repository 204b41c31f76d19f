/* Series of one trace, as hostile traces would have them. */
#include "analyzer/load/loaded_resources.h"

#include <criterion/criterion.h>

#define SERIES 200000u
#define LOSSES 200000u

static struct loaded_resources resources;

static void put(uint64_t id, uint64_t time_ns)
{
    const struct trace_series_point point = {.id = id, .time_ns = time_ns, .value = (int64_t)id};
    loaded_resources_add(&resources, &point);
    loaded_resources_until(&resources, time_ns);
}

static void start(void)
{
    loaded_resources_init(&resources);
}

static void stop(void)
{
    loaded_resources_release(&resources);
}

TestSuite(loaded_resources, .init = start, .fini = stop);

/* Each loss went through all series: minutes for a file of 10 MB. */
Test(loaded_resources, many_losses_of_many_series_take_no_product_of_time, .timeout = 20)
{
    for (uint64_t id = 1; id <= SERIES; id++)
        put(id, 1000);
    for (uint32_t i = 0; i < LOSSES; i++) {
        loaded_resources_lost(&resources);
        put(1, 2000 + 10ull * i);
    }
    cr_expect_eq(resources.count, SERIES);
    cr_expect_eq(resources.series[1].lost_ns, 1000);
}

Test(loaded_resources, a_loss_is_where_the_points_before_it_ended)
{
    put(1, 1000);
    put(2, 1500);
    loaded_resources_lost(&resources);
    put(2, 3000);
    loaded_resources_lost(&resources);
    cr_expect_eq(resources.series[0].lost_ns, 1500, "the first since its point");
    cr_expect_eq(resources.series[1].lost_ns, 3000);
    put(1, 4000);
    cr_expect_eq(resources.series[0].lost_ns, 0);
    cr_expect_eq(resources.series[0].count, 3, "its points, and the loss");
}
