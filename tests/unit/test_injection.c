/* LD_PRELOAD as the dynamic loader will read it. */
#include "analyzer/record/injection.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <string.h>

static struct problem problem;

Test(injection, the_library_comes_first_and_once)
{
    unsetenv("LD_PRELOAD");
    cr_assert_eq(injection_preload("", "/x/lib.so", &problem), 0);
    cr_assert_str_eq(getenv("LD_PRELOAD"), "/x/lib.so");
    cr_assert_eq(injection_preload("", "/x/lib.so", &problem), 0);
    cr_assert_str_eq(getenv("LD_PRELOAD"), "/x/lib.so");
    setenv("LD_PRELOAD", "other.so /x/lib.so2", 1);
    cr_assert_eq(injection_preload("", "/x/lib.so", &problem), 0);
    cr_assert_str_eq(getenv("LD_PRELOAD"), "/x/lib.so:other.so /x/lib.so2");
    setenv("LD_PRELOAD", "other.so /x/lib.so", 1);
    cr_assert_eq(injection_preload("", "/x/lib.so", &problem), 0);
    cr_assert_str_eq(getenv("LD_PRELOAD"), "other.so /x/lib.so");
    setenv("LD_PRELOAD", "other.so", 1);
    cr_assert_eq(injection_preload("libasan.so.8", "/x/lib.so", &problem), 0);
    cr_assert_str_eq(getenv("LD_PRELOAD"), "libasan.so.8:/x/lib.so:other.so");
    setenv("LD_PRELOAD", "", 1);
    cr_assert_eq(injection_preload("", "/x/lib.so", &problem), 0);
    cr_assert_str_eq(getenv("LD_PRELOAD"), "/x/lib.so");
}

Test(injection, a_path_that_cannot_be_listed_is_refused)
{
    cr_assert_neq(injection_preload("", "/a b/lib.so", &problem), 0);
    cr_assert_neq(injection_preload("", "/a:b/lib.so", &problem), 0);
    cr_assert_not_null(strstr(problem.text, "blank or colon"));
}

Test(injection, a_missing_library_is_named_with_where_it_was_looked_for)
{
    char path[PATH_MAX];

    /* This test program does not lie beside the library. */
    cr_assert_eq(injection_find_library(path, sizeof(path), &problem), PROBLEM_SYSTEM);
    cr_assert_not_null(strstr(problem.text, "cannot find 'libprofinject.so'"));
}
