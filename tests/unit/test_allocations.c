/* Unit tests of analyzer/model/allocations.c. */
#include "analyzer/model/allocations.h"

#include <criterion/criterion.h>

static bool is_of(const void *context, const struct profile_place *place)
{
    return place->thread == *(const uint32_t *)context;
}

Test(allocations, keeps_those_of_a_thread_in_order)
{
    struct allocations allocations = {.count = 0};
    uint32_t thread = 3;

    for (uint32_t i = 0; i < 100; i++)
        allocations_add(&allocations,
                        &(struct profile_allocation){i, 0, i * 10.0, {i % 2 ? 3 : 4, i, 0}});
    allocations_keep(&allocations, is_of, &thread);
    cr_assert_eq(allocations.count, 50);
    for (uint32_t i = 0; i < 50; i++) {
        cr_expect_eq(allocations.items[i].time_ns, 2 * i + 1);
        cr_expect_eq(allocations.items[i].bytes, (2 * i + 1) * 10.0);
    }
    allocations_release(&allocations);
    cr_expect_eq(allocations.count, 0);
}
