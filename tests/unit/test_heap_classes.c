/* Unit tests of analyzer/model/heap_classes.c. */
#include "analyzer/model/heap_classes.h"

#include <criterion/criterion.h>

Test(heap_classes, sizes_by_the_power_of_two_that_holds_them)
{
    cr_expect_eq(heap_size_class(0), 0);
    cr_expect_eq(heap_size_class(1), 0);
    cr_expect_eq(heap_size_class(2), 1);
    cr_expect_eq(heap_size_class(3), 2);
    cr_expect_eq(heap_size_class(16), 4);
    cr_expect_eq(heap_size_class(17), 5);
    cr_expect_eq(heap_size_class(UINT64_MAX), HEAP_SIZE_CLASSES - 1);
}

Test(heap_classes, lifetimes_by_decades)
{
    uint64_t low = 1;

    cr_expect_eq(heap_life_class(0), 0);
    cr_expect_eq(heap_life_class(9), 0);
    for (unsigned class = 1; class < HEAP_LIFE_CLASSES; class ++) {
        low *= 10;
        cr_expect_eq(heap_life_low[class], low);
        cr_expect_eq(heap_life_class(low), class);
        cr_expect_eq(heap_life_class(low - 1), class - 1);
    }
    cr_expect_eq(heap_life_class(UINT64_MAX), HEAP_LIFE_CLASSES - 1);
}

Test(heap_classes, each_power_of_two_is_in_the_right_decade)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        unsigned class = heap_life_class((uint64_t)1 << bit);
        cr_expect(class == HEAP_LIFE_CLASSES - 1 ||
                  ((uint64_t)1 << bit) < heap_life_low[class + 1]);
        cr_expect(class == 0 || ((uint64_t)1 << bit) >= heap_life_low[class]);
    }
}

Test(heap_classes, sampled_blocks_count_for_many)
{
    struct heap_sizes sizes = {0};
    double weight = estimate_weight(100, 1000);

    heap_sizes_add(&sizes, 100, weight);
    heap_sizes_add(&sizes, 100, weight);
    const struct heap_amount *amount = &sizes.at[heap_size_class(100)];
    cr_expect_float_eq(amount->count.total, 2 * weight, 1e-9);
    cr_expect_float_eq(amount->bytes.total, 200 * weight, 1e-9);
    cr_expect_gt(amount->bytes.second, 0);
}

Test(heap_classes, the_range_that_holds_anything)
{
    struct heap_sizes sizes = {0};

    struct heap_range range = heap_classes_range(sizes.at, HEAP_SIZE_CLASSES);
    cr_expect_eq(range.first, range.end);
    heap_sizes_add(&sizes, 16, 1);
    heap_sizes_add(&sizes, 4096, 1);
    range = heap_classes_range(sizes.at, HEAP_SIZE_CLASSES);
    cr_expect_eq(range.first, 4);
    cr_expect_eq(range.end, 13);
}
