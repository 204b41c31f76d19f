/* Unit tests of analyzer/load/numbers.c. */
#include "analyzer/load/numbers.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct numbers numbers;

static void stop(void)
{
    free(numbers.meaning);
    numbers = (struct numbers){0};
}

TestSuite(numbers, .fini = stop);

Test(numbers, those_skipped_mean_nothing)
{
    numbers_set(&numbers, 5, 50);
    cr_assert_eq(numbers.count, 6);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(numbers.meaning[i], 0);
    numbers_set(&numbers, 2, 20);
    cr_assert_eq(numbers.count, 6);
    cr_expect_eq(numbers.meaning[2], 20);
    cr_expect_eq(numbers.meaning[5], 50);
}

Test(numbers, a_range_keeps_what_is_around_it)
{
    numbers_set(&numbers, 0, 1);
    numbers_set(&numbers, 1000000, 2);
    numbers_fill(&numbers, 1, 1000000, 9);
    cr_assert_eq(numbers.count, 1000001);
    cr_expect_eq(numbers.meaning[0], 1);
    cr_expect_eq(numbers.meaning[1000000], 2);
    size_t wrong = 0;
    for (size_t i = 1; i < 1000000; i++)
        wrong += numbers.meaning[i] != 9;
    cr_expect_eq(wrong, 0);
}

Test(numbers, a_range_beyond_the_last_one_makes_them)
{
    numbers_fill(&numbers, 100, 300, 7);
    cr_assert_eq(numbers.count, 300);
    cr_expect_eq(numbers.meaning[99], 0);
    cr_expect_eq(numbers.meaning[100], 7);
    cr_expect_eq(numbers.meaning[299], 7);
}

Test(numbers, an_empty_range_makes_none)
{
    numbers_fill(&numbers, 0, 0, 7);
    cr_assert_eq(numbers.count, 0);
}
