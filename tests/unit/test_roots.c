/* Unit tests of analyzer/reports/roots.c. */
#include "analyzer/reports/roots.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

Test(roots, what_stands_first)
{
    struct profile *profile = profile_new();
    struct report_options options = {0};

    fixture_process(profile, "a", 1, 0);
    cr_assert_eq(report_root(profile, &options), LABEL_ROOT_NONE);
    fixture_process(profile, "b", 2, 1);
    cr_assert_eq(report_root(profile, &options), LABEL_ROOT_COMMAND);
    options.by_process = true;
    cr_assert_eq(report_root(profile, &options), LABEL_ROOT_PROCESS);
    options.by_thread = true;
    cr_assert_eq(report_root(profile, &options), LABEL_ROOT_THREAD);
    profile_free(profile);
}

Test(roots, a_missing_metric_is_explained)
{
    struct profile *profile = profile_new();
    struct problem problem = {0};
    uint32_t process = fixture_process(profile, "a", 1, 0);

    cr_assert_eq(report_check_metric(profile, METRIC_MEMORY_DELTA, &problem), 0);
    profile->processes[process].has_memory = false;
    profile->processes[process].memory_reason = "not preloaded";
    cr_assert_eq(report_check_metric(profile, METRIC_CPU, &problem), 0);
    cr_assert_eq(report_check_metric(profile, METRIC_MEMORY_DELTA, &problem), PROBLEM_NOTHING);
    cr_assert_not_null(strstr(problem.text, "'memory-delta'"));
    cr_assert_not_null(strstr(problem.text, "(not preloaded)"));
    cr_assert_not_null(strstr(problem.text, "record "));
    profile_free(profile);
}
