/* Unit tests of analyzer/model/entries.c. */
#include "analyzer/model/entries.h"

#include <criterion/criterion.h>

static struct entries entries;

static void add(uint32_t thread, uint32_t stack, int64_t cpu)
{
    entries_add(&entries, &(struct profile_entry){.thread = thread,
                                                  .stack = stack,
                                                  .value = {[METRIC_CPU] = cpu},
                                                  .alloc_bytes = (uint64_t)stack});
}

static bool is_odd(const void *context, const struct profile_place *place)
{
    (void)context;
    return place->stack % 2 == 1;
}

Test(entries, sums_of_places_before_and_after_others_are_left_out)
{
    entries_init(&entries);
    for (int round = 0; round < 3; round++)
        for (uint32_t stack = 0; stack < 1000; stack++)
            add(stack % 7, stack, 10 + stack);
    cr_assert_eq(entries.count, 1000);
    cr_expect_null(entries.columns[METRIC_WALL], "there is none");
    entries_keep(&entries, is_odd, NULL);
    cr_assert_eq(entries.count, 500);
    add(7 % 7, 7, 1);
    add(1, 2000, 5);
    cr_assert_eq(entries.count, 501);
    for (size_t i = 0; i < 500; i++) {
        uint32_t stack = 2 * (uint32_t)i + 1;
        const struct profile_entry entry = entries_at(&entries, i);
        cr_assert(entry.stack == stack && entry.thread == stack % 7);
        cr_assert_eq(entry.value[METRIC_CPU], 3 * (10 + (int64_t)stack) + (stack == 7));
        cr_assert_eq(entry.alloc_bytes, (uint64_t)stack * (stack == 7 ? 4 : 3));
        cr_assert_eq(entries_value(&entries, i, METRIC_CPU), entry.value[METRIC_CPU]);
    }
    cr_expect_eq(entries_value(&entries, 500, METRIC_CPU), 5);
    entries_release(&entries);
}
