/* Unit tests of analyzer/model/heap_unpaired.c. */
#include "analyzer/model/heap_unpaired.h"

#include <criterion/criterion.h>

static struct heap_unpaired unpaired;

static void put(uint64_t address, uint64_t time_ns)
{
    heap_unpaired_put(&unpaired,
                      &(struct heap_unpaired_event){.address = address, .time_ns = time_ns});
}

Test(heap_unpaired, what_was_put_is_found_until_removed)
{
    put(0x1000, 5);
    cr_expect_null(heap_unpaired_find(&unpaired, 0x2000));
    struct heap_unpaired_event *found = heap_unpaired_find(&unpaired, 0x1000);
    cr_assert_not_null(found);
    cr_expect_eq(found->time_ns, 5);
    cr_expect_eq(unpaired.count, 1);
    heap_unpaired_remove(&unpaired, found);
    cr_expect_null(heap_unpaired_find(&unpaired, 0x1000));
    cr_expect_eq(unpaired.count, 0);
}

Test(heap_unpaired, the_oldest_is_forgotten)
{
    for (uint64_t time = 0; time <= HEAP_UNPAIRED_WAYS; time++)
        put(0x1000, time);
    cr_expect_eq(unpaired.count, HEAP_UNPAIRED_WAYS);
    for (int i = 0; i < HEAP_UNPAIRED_WAYS; i++) {
        struct heap_unpaired_event *found = heap_unpaired_find(&unpaired, 0x1000);
        cr_assert_not_null(found);
        cr_expect_neq(found->time_ns, 0);
        heap_unpaired_remove(&unpaired, found);
    }
    cr_expect_eq(unpaired.count, 0);
}

Test(heap_unpaired, a_million_cost_no_more_than_it_holds)
{
    for (uint64_t i = 1; i <= 1000000; i++)
        put(16 * i, i);
    cr_expect_leq(unpaired.count, HEAP_UNPAIRED_SETS * HEAP_UNPAIRED_WAYS);
    cr_expect_not_null(heap_unpaired_find(&unpaired, 16 * 1000000));
}
