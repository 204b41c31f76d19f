/* The first screen's line about threads' time. */
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static char *report_of(int64_t cpu, int64_t blocked, int64_t runnable, bool has_wall)
{
    const struct report_options options = {.columns = 80};
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "made-up", 1, 0);
    uint32_t thread = fixture_thread(profile, process, "made-up", 1);

    profile->processes[process].has_wall = has_wall;
    profile_add_entry(profile,
                      &(struct profile_entry){.thread = thread,
                                              .stack = fixture_stack(profile, "main;work"),
                                              .value = {[METRIC_CPU] = cpu, [METRIC_WALL] = cpu}});
    profile_add_entry(profile, &(struct profile_entry){
                                   .thread = thread,
                                   .stack = fixture_stack(profile, "main;read;[off-CPU]"),
                                   .value = {[METRIC_OFFCPU] = blocked, [METRIC_WALL] = blocked}});
    profile_add_entry(profile,
                      &(struct profile_entry){.thread = thread,
                                              .stack = fixture_stack(profile, "[runnable]"),
                                              .value = {[METRIC_OFFCPU] = runnable,
                                                        [METRIC_RUNNABLE] = runnable,
                                                        [METRIC_WALL] = runnable}});
    char *text = fixture_output(&report_text, profile, &options);
    profile_free(profile);
    return text;
}

Test(text_time, shares_are_of_thread_time)
{
    char *text = report_of(380, 560, 60, true);

    cr_assert(strstr(text, "Wall  on-CPU 38"), "%s", text);
    cr_assert(strstr(text, "| waiting 56"), "%s", text);
    cr_assert(strstr(text, "| runnable 6"), "%s", text);
    free(text);
}

Test(text_time, nothing_is_said_where_nobody_looked)
{
    char *text = report_of(380, 0, 0, false);

    cr_assert_null(strstr(text, "Wall"), "%s", text);
    free(text);
}
