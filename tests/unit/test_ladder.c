/* Unit tests of analyzer/heat/ladder.c: sizes within memory. */
#include "analyzer/heat/ladder.h"
#include "analyzer/heat/matrix.h"

#include <criterion/criterion.h>
#include <string.h>

Test(ladder, memory_limits_the_step_by_the_number_of_workers)
{
    struct ladder ladder;
    struct problem problem;
    unsigned workers = 8;

    cr_assert_eq(ladder_init(&ladder, 0, 4 * matrix_bytes(1000), &workers, &problem), 0);
    cr_assert_eq(workers, 8);
    cr_assert_eq(ladder_fitting(&ladder, 3, 1), 3);
    cr_assert_eq(ladder_fitting(&ladder, 3, 4), 2);
    cr_assert_eq(ladder_fitting(&ladder, 3, 5), 1);
    cr_assert_eq(ladder_fitting(&ladder, 0, 5), 0);
    cr_assert_eq(ladder_fitting(&ladder, 9, 4), 2, "there are no more steps");
}

Test(ladder, workers_that_there_is_no_room_for_are_none)
{
    struct ladder ladder;
    struct problem problem;
    unsigned workers = 8;

    cr_assert_eq(ladder_init(&ladder, 800, 3 * matrix_bytes(800), &workers, &problem), 0);
    cr_assert_eq(workers, 3);
    cr_assert_eq(ladder.count, 1);
    cr_assert_eq(ladder_fitting(&ladder, 2, 3), 0);
    cr_assert_lt(ladder_init(&ladder, 800, matrix_bytes(800) - 1, &workers, &problem), 0);
    cr_assert_not_null(strstr(problem.text, "matrices of 800 x 800 take 14.6 MiB"));
}

Test(ladder, where_memory_is_short_it_is_given_back_but_not_what_was_asked_for)
{
    struct ladder ladder;
    struct problem problem;
    unsigned workers = 2;

    cr_assert_eq(ladder_init(&ladder, 0, 0, &workers, &problem), 0);
    if (ladder.cap == 0 || room_is_short(&ladder.room))
        cr_skip_test("this machine's memory is short, or not known");
    uint64_t cap = ladder.cap;
    ladder_look(&ladder, 2, 2);
    cr_assert_eq(ladder.cap, cap, "there is enough");
}
