/* Unit tests of analyzer/util/problem.c. */
#include "analyzer/util/problem.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(problem, set_fills_and_returns_the_code)
{
    struct problem problem;

    cr_assert_eq(problem_set(&problem, PROBLEM_DATA, "'%s' is %d", "x", 7), PROBLEM_DATA);
    cr_assert_eq(problem.code, PROBLEM_DATA);
    cr_assert_str_eq(problem.text, "'x' is 7");
}

Test(problem, errno_becomes_the_reason)
{
    struct problem problem;

    errno = ENOENT;
    cr_assert_eq(problem_errno(&problem, "cannot open '%s'", "x"), PROBLEM_SYSTEM);
    cr_assert_str_eq(problem.text, "cannot open 'x': No such file or directory");
}

Test(problem, long_text_is_cut)
{
    struct problem problem;
    char path[2000];

    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    problem_errno(&problem, "%s", path);
    cr_assert_eq(strlen(problem.text), sizeof(problem.text) - 1);
}

Test(problem, exit_statuses)
{
    cr_assert_eq(problem_exit_status(0), 0);
    cr_assert_eq(problem_exit_status(PROBLEM_USAGE), 2);
    cr_assert_eq(problem_exit_status(PROBLEM_SYSTEM), 1);
    cr_assert_eq(problem_exit_status(PROBLEM_DATA), 1);
    cr_assert_eq(problem_exit_status(PROBLEM_NOTHING), 1);
}
