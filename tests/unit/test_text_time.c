/* The first screen's line about threads' time. */
#include "analyzer/model/wait_kind.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static unsigned columns = 80;

static char *report_of(int64_t cpu, int64_t blocked, int64_t runnable, bool has_wall)
{
    const struct report_options options = {.columns = columns};
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "made-up", 1, 0);
    uint32_t thread = fixture_thread(profile, process, "made-up", 1);

    profile->processes[process].has_wall = has_wall;
    entries_add(&profile->entries,
                &(struct profile_entry){.thread = thread,
                                        .stack = fixture_stack(profile, "main;work"),
                                        .value = {[METRIC_CPU] = cpu, [METRIC_WALL] = cpu}});
    entries_add(
        &profile->entries,
        &(struct profile_entry){.thread = thread,
                                .stack = fixture_stack(profile, "main;read;[off-CPU]"),
                                .value = {[METRIC_OFFCPU] = blocked, [METRIC_WALL] = blocked}});
    entries_add(&profile->entries,
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

static char *report_of_waits(bool has_runnable, const int64_t by_kind[TRACE_WAIT_KINDS])
{
    const struct report_options options = {.columns = 120};
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "made-up", 1, 0);
    uint32_t thread = fixture_thread(profile, process, "made-up", 1);

    profile->processes[process].has_wall = profile->processes[process].has_waits = true;
    profile->processes[process].has_runnable = has_runnable;
    for (uint32_t kind = 0; kind < TRACE_WAIT_KINDS; kind++) {
        uint32_t stack = fixture_stack(profile, kind ? wait_kind_mark(kind) : "main");
        int64_t off = kind > 0 ? by_kind[kind] : 0;
        entries_add(&profile->entries,
                    &(struct profile_entry){.thread = thread,
                                            .stack = stack,
                                            .value = {[METRIC_CPU] = kind > 0 ? 0 : by_kind[0],
                                                      [METRIC_WALL] = by_kind[kind],
                                                      [METRIC_OFFCPU] = off}});
        if (off > 0)
            profile_add_wait(
                profile, &(struct profile_wait){.thread = thread,
                                                .stack = stack,
                                                .kind = kind,
                                                .object = WAIT_OBJECT_NONE,
                                                .peer_thread = WAIT_THREAD_NONE,
                                                .sums = {.count = 1, .blocked_ns = (uint64_t)off}});
    }
    char *text = fixture_output(&report_text, profile, &options);
    profile_free(profile);
    return text;
}

Test(text_time, waits_are_told_by_groups)
{
    const int64_t by_kind[TRACE_WAIT_KINDS] = {[0] = 500,
                                               [TRACE_WAIT_MUTEX] = 300,
                                               [TRACE_WAIT_WRITE_LOCK] = 50,
                                               [TRACE_WAIT_RECEIVE] = 60,
                                               [TRACE_WAIT_SLEEP] = 85,
                                               [TRACE_WAIT_POLL] = 5};
    char *text = report_of_waits(true, by_kind);

    cr_assert(strstr(text, "Wall  on-CPU 50"), "%s", text);
    cr_assert(strstr(text, " | lock 35"), "%s", text);
    cr_assert(strstr(text, " | I/O 6"), "%s", text);
    cr_assert(strstr(text, " | runnable 0"), "%s", text);
    cr_assert(strstr(text, " | sleep 8.5"), "%s", text);
    cr_assert(strstr(text, " | other 0.5"), "small groups are not told: %s", text);
    cr_assert(strstr(text, "(share of thread time)"), "%s", text);
    free(text);
}

/* No "waiting" at the end of a line with its number on the next. */
Test(text_time, names_and_numbers_are_on_one_line)
{
    for (columns = 20; columns < 80; columns++) {
        char *text = report_of(380, 560, 60, true);
        cr_expect(strstr(text, "waiting 56") && strstr(text, "runnable 6"), "%s", text);
        free(text);
    }
}

Test(text_time, what_nobody_counted_is_not_0)
{
    char *text = report_of_waits(false, (int64_t[TRACE_WAIT_KINDS]){[0] = 500, [1] = 500});

    cr_assert(strstr(text, "| runnable unavailable |"), "%s", text);
    free(text);
}
