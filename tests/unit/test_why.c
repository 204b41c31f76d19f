/* One sentence about what holds a program up. */
#include "analyzer/reports/why.h"
#include "tests/unit/waits_fixture.h"

#include <criterion/criterion.h>

#define NOBODY WAIT_THREAD_NONE
#define NOTHING WAIT_OBJECT_NONE

static struct profile *profile;

static void start(void)
{
    profile = waits_profile(3);
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(why, .init = start, .fini = stop);

static void expect(const char *expected)
{
    struct time_shares shares;

    time_shares_init(&shares, profile);
    char *text = why_text(profile, &shares);
    cr_expect(text != NULL && strstr(text, expected) != NULL, "'%s' is not in '%s'", expected,
              text);
    free(text);
    time_shares_release(&shares);
}

Test(why, nothing_to_say)
{
    struct time_shares shares;

    time_shares_init(&shares, profile);
    cr_expect_null(why_text(profile, &shares));
    time_shares_release(&shares);
}

/* What the profiler costs is told elsewhere: a function of the program is named. */
Test(why, running_what_is_not_the_programs)
{
    struct frame own = {.function = "[profinject]", .kind = FRAME_MARK};
    uint32_t stack =
        profile_add_stack(profile, STACK_NONE, profile_add_frame(profile, &own), false);

    entries_add(&profile->entries,
                &(struct profile_entry){.stack = stack,
                                        .value = {[METRIC_CPU] = 600 * (int64_t)FIXTURE_MS,
                                                  [METRIC_WALL] = 600 * (int64_t)FIXTURE_MS}});
    waits_run(profile, 0, "main;hash", 400, 0);
    expect("CPU-bound: 100 % of thread time is spent running, most in hash (40 % of CPU time)");
}

/* Of some milliseconds most are those of a start. */
Test(why, too_short_to_tell)
{
    waits_run(profile, 0, "main;hash", 9, 0);
    expect("too short to tell: 9.00 ms of thread time, much of it start and end");
    waits_run(profile, 0, "main;hash", 1, 0);
    expect("CPU-bound: 100 % of thread time");
}

Test(why, running)
{
    waits_run(profile, 0, "main;hash", 800, 0);
    waits_run(profile, 0, "main", 100, 0);
    waits_add(profile,
              (struct made_wait){0, TRACE_WAIT_READ, NOTHING, NOBODY, "main;load", 3, 100});
    expect("CPU-bound: 90 % of thread time is spent running, most in hash (89 % of CPU time)");
}

Test(why, a_name_of_kilobytes_is_cut)
{
    char stack[5000] = "main;begin", *end = stack + strlen(stack);

    memset(end, 'a', 4000);
    strcpy(end + 4000, "end");
    waits_run(profile, 0, stack, 900, 0);
    expect("running, most in beginaaaa");
    expect("aaaaend (100 % of CPU time)");
    struct time_shares shares;
    time_shares_init(&shares, profile);
    char *text = why_text(profile, &shares);
    cr_expect_lt(strlen(text), 200);
    free(text);
    time_shares_release(&shares);
}

Test(why, a_lock_and_who_has_it)
{
    uint32_t lock = waits_lock(profile, "dict_lock", 0x10);

    waits_run(profile, 0, "main;rehash", 400, 0);
    waits_add(profile, (struct made_wait){1, TRACE_WAIT_MUTEX, lock, 0, "main;find", 3, 600});
    expect("lock-bound: 60 % of thread time waits for dict_lock, mostly behind thread t0 (101)");
    waits_single(profile,
                 (struct made_single){1, TRACE_WAIT_MUTEX, lock, 0, 0, 400, false, "main;rehash"});
    expect("lock-bound: 60 % of thread time waits for dict_lock, mostly behind rehash()");
}

Test(why, many_locks_a_little)
{
    for (uint64_t i = 0; i < 4; i++)
        waits_add(profile, (struct made_wait){1, TRACE_WAIT_MUTEX, waits_lock(profile, NULL, i + 1),
                                              0, "main;find", 3, 25});
    expect("lock-bound: 100 % of thread time waits for locks, none of them with half of it");
}

Test(why, a_file)
{
    uint32_t file = waits_file(profile, "/data/log", (struct object_io){9, 9, 9, 9});

    waits_run(profile, 0, "main", 100, 0);
    waits_add(profile, (struct made_wait){0, TRACE_WAIT_SYNC, file, NOBODY, "main;commit", 3, 300});
    expect("I/O-bound: 75 % of thread time waits for input and output, mostly sync of /data/log in "
           "commit()");
}

/* None of its callers has half of it. */
Test(why, a_function_that_several_call)
{
    static const char *const stacks[] = {"main;a;load", "main;b;load", "main;c;load"};

    for (size_t i = 0; i < 3; i++)
        waits_add(profile,
                  (struct made_wait){0, TRACE_WAIT_READ, NOTHING, NOBODY, stacks[i], 3, 300});
    expect("mostly read in load()");
}

Test(why, no_processor)
{
    waits_run(profile, 0, "main", 300, 700);
    expect("short of processors: 70 % of thread time");
}

Test(why, other_processes)
{
    waits_add(profile,
              (struct made_wait){0, TRACE_WAIT_CHILD, NOTHING, NOBODY, "main;run", 3, 900});
    waits_run(profile, 0, "main", 100, 0);
    expect("waiting for other processes: 90 % of thread time in run()");
}

Test(why, nothing_to_do)
{
    waits_add(profile,
              (struct made_wait){0, TRACE_WAIT_SLEEP, NOTHING, NOBODY, "main;nap", 3, 900});
    expect("mostly idle: 100 % of thread time in sleep in nap()");
}

/* The largest part, but not most of the time. */
Test(why, asleep_for_less_than_half_of_the_time)
{
    waits_add(profile,
              (struct made_wait){0, TRACE_WAIT_SLEEP, NOTHING, NOBODY, "main;nap", 3, 400});
    waits_run(profile, 0, "main", 350, 0);
    waits_add(profile,
              (struct made_wait){0, TRACE_WAIT_READ, NOTHING, NOBODY, "main;load", 3, 250});
    expect("sleeping: 40 % of thread time in sleep, mostly in nap()");
}

/* The worker suffers, not the pool beside it. */
Test(why, idle_threads_do_not_count)
{
    uint32_t file = waits_file(profile, "/data", (struct object_io){9, 9, 9, 9});

    waits_add(profile, (struct made_wait){0, TRACE_WAIT_READ, file, NOBODY, "main;load", 3, 100});
    waits_add(profile,
              (struct made_wait){1, TRACE_WAIT_CONDITION, NOTHING, 0, "main;pool", 1, 900});
    waits_add(profile,
              (struct made_wait){2, TRACE_WAIT_CONDITION, NOTHING, 0, "main;pool", 1, 900});
    expect("I/O-bound: 100 % of thread time waits for input and output, mostly read of /data in "
           "load()");
}

Test(why, what_no_hook_sees)
{
    entries_add(&profile->entries,
                &(struct profile_entry){
                    .thread = 0,
                    .stack = fixture_stack(profile, "[off-CPU]"),
                    .value = {[METRIC_WALL] = 10 * FIXTURE_MS, [METRIC_OFFCPU] = 10 * FIXTURE_MS}});
    expect("blocked where no hook sees it: 100 % of thread time (the C library's own reads");
}

Test(why, threads_that_will_never_go_on)
{
    uint32_t a = waits_lock(profile, "a", 0x10), b = waits_lock(profile, "b", 0x20);

    waits_run(profile, 0, "main", 100, 0);
    waits_single(profile, (struct made_single){0, TRACE_WAIT_MUTEX, b, 1, 5, 900, true, NULL});
    waits_single(profile, (struct made_single){1, TRACE_WAIT_MUTEX, a, 0, 6, 900, true, NULL});
    expect("deadlock: t0 (101) has a and waits for b, t1 (102) has b and waits for a");
}

Test(why, pipes_to_other_processes)
{
    uint32_t pipe = waits_file(profile, "pipe:[7]", (struct object_io){9, 9, 9, 9});

    profile->objects[pipe].kind = TRACE_OBJECT_PIPE;
    waits_add(profile, (struct made_wait){0, TRACE_WAIT_READ, pipe, NOBODY, "main;load", 3, 300});
    expect("waiting for other processes: 100 % of thread time in pipes that others write or read");
    waits_add(profile, (struct made_wait){1, TRACE_WAIT_READ, pipe, 0, "main;load", 3, 400});
    expect("I/O-bound: 100 % of thread time waits for input and output, mostly read of pipe:[7]");
}
