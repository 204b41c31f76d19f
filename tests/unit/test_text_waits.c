/* Tables about waits, their machine form, and the words both use. */
#include "analyzer/model/wait_text.h"
#include "analyzer/util/utf8.h"
#include "tests/unit/waits_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static uint32_t lock, heap_lock, file;

/* t1 and t2 wait for a lock that t0 has, t0 reads a file, t1 waits for t0 at a condition. */
static void start(void)
{
    profile = waits_profile(4);
    lock = waits_lock(profile, "dict_lock", 0x10);
    heap_lock = waits_lock(profile, NULL, 0x5555);
    profile->objects[heap_lock].where = "in the heap";
    file = waits_file(profile, "/data/log", (struct object_io){100, 51200, 25, 50});
    waits_run(profile, 0, "main;rehash", 500, 0);
    waits_add(profile, (struct made_wait){1, TRACE_WAIT_MUTEX, lock, 0, "main;find", 30, 300});
    waits_add(profile, (struct made_wait){2, TRACE_WAIT_MUTEX, lock, 0, "main;put", 10, 100});
    waits_add(profile, (struct made_wait){2, TRACE_WAIT_MUTEX, heap_lock, WAIT_THREAD_NONE,
                                          "main;put", 1, 7});
    waits_add(profile,
              (struct made_wait){0, TRACE_WAIT_READ, file, WAIT_THREAD_NONE, "main;load", 4, 60});
    waits_add(profile,
              (struct made_wait){1, TRACE_WAIT_CONDITION, heap_lock, 0, "main;idle", 5, 50});
    for (uint32_t i = 1; i < 4; i++)
        waits_single(profile, (struct made_single){i, TRACE_WAIT_MUTEX, lock, 0, 100, 150 + i,
                                                   false, "main;rehash"});
    waits_add(profile, (struct made_wait){3, TRACE_WAIT_MUTEX, lock, 0, "main;find", 1, 50});
    profile->threads[0].time = (struct thread_time){.known = true,
                                                    .has_runnable = true,
                                                    .has_switches = true,
                                                    .wall_ns = 1000 * FIXTURE_MS,
                                                    .cpu_ns = 500 * FIXTURE_MS,
                                                    .runnable_ns = 250 * FIXTURE_MS,
                                                    .blocked_ns = 250 * FIXTURE_MS,
                                                    .hooked_ns = 60 * FIXTURE_MS,
                                                    .voluntary = 12,
                                                    .involuntary = 34};
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(text_waits, .init = start, .fini = stop);

static void expect(const char *text, const char *part)
{
    cr_expect(strstr(text, part) != NULL, "'%s' is not in\n%s", part, text);
}

static void expect_no_wider(const char *text, size_t columns)
{
    char *copy = memory_strdup(text), *rest = copy;

    for (char *line; (line = strsep(&rest, "\n")) != NULL;)
        cr_expect_leq(utf8_length(line), columns, "'%s'", line);
    free(copy);
}

Test(text_waits, fits)
{
    const struct report_options options = {.columns = 80, .all = true};

    profile->objects[lock].name = "a lock of a long name with blanks in it";
    char *text = fixture_output(&report_text, profile, &options);
    expect_no_wider(text, 80);
    expect(text, "mutex       a lock of a long name with\n");
    free(text);
}

Test(text_waits, tables)
{
    const struct report_options options = {.columns = 200, .all = true};
    char *text = fixture_output(&report_text, profile, &options);

    expect(text, "\nWaits   (calls of 0 ns and more");
    expect(text, "41  mutex");
    expect(text,
           "of 250 ms blocked by the kernel's count 24 % in these calls, 76 % of no known place "
           "(--clock wall");
    expect(text, "mutex       dict_lock");
    expect(text, "behind t0 (101): 450 ms (100 %), then mostly in rehash()");
    expect(text, "in find() from main(): 350 ms");
    expect(text, "0x5555 (in the heap)");
    expect(text, "dict_lock: 3 threads");
    expect(text, "3 at a time at most, 3 or more once, for 51.0 ms in all");
    expect(text, "50 %  /data/log\n");
    expect(text, "up to 512 calls per descriptor may be missing");
    expect(text, "read in load() from main()");
    expect(text, "t1 (102)          t0 (101)          condition 0x5555 (in the heap)\n");
    expect(text, "34      n/a  t0 (101)");
    free(text);
}

static bool is_twice(const char *text, const char *part)
{
    const char *first = strstr(text, part);

    return first != NULL && strstr(first + 1, part) != NULL;
}

/* Stacks that differ above what is printed are one place; what looks found has no number. */
Test(text_waits, places_that_read_alike_are_one)
{
    const struct report_options options = {.columns = 200, .all = true};

    waits_add(profile, (struct made_wait){0, TRACE_WAIT_READ, file, WAIT_THREAD_NONE,
                                          "start;main;load", 2, 40});
    waits_add(profile,
              (struct made_wait){0, TRACE_WAIT_SYNC, file, WAIT_THREAD_NONE, "main;look", 0, 30});
    waits_add(profile, (struct made_wait){1, TRACE_WAIT_MUTEX, lock, 0, "start;main;find", 1, 10});
    char *text = fixture_output(&report_text, profile, &options);
    expect(text, "  100 ms         6       0 B  read in load() from main()\n");
    expect(text, " 30.0 ms         -         -  sync in look() from main()\n");
    cr_expect_not(is_twice(text, "read in load() from main()"));
    expect(text, "in find() from main(): 360 ms");
    free(text);
}

/* The kernel's count is of whole threads, and of all of them. */
Test(text_waits, a_part_is_not_measured_by_the_whole)
{
    const struct report_options options = {.columns = 200, .all = true};

    profile->part = "with 'find'";
    profile->is_narrowed = true;
    char *text = fixture_output(&report_text, profile, &options);
    cr_expect_null(strstr(text, "by the kernel's count"));
    free(text);
}

Test(text_waits, nothing_is_said_where_nothing_was_recorded)
{
    const struct report_options options = {.columns = 120, .all = true};
    struct profile *bare = profile_new();
    uint32_t process = fixture_process(bare, "bare", 1, 0);

    fixture_entry(bare, fixture_thread(bare, process, "bare", 1), fixture_stack(bare, "main"), 5,
                  0);
    char *text = fixture_output(&report_text, bare, &options);
    cr_expect_null(strstr(text, "\nWaits"));
    cr_expect_null(strstr(text, "Locks"));
    cr_expect_null(strstr(text, "Scheduling"));
    free(text);
    cr_expect(fixture_satisfies(&report_text, bare, &(struct report_options){.json = true},
                                ".waits == null"));
    profile_free(bare);
}

Test(text_waits, for_machines)
{
    const struct report_options options = {.json = true};
    static const char *const filters[] = {
        ".waits.kinds[0] | .kind == \"mutex\" and .count == 42 and .seconds == 0.457",
        ".waits.locks[0] | .name == \"dict_lock\" and .address == \"0x10\" and .waits == 41 and "
        ".seconds == 0.45 and .longest_seconds == 0.15",
        ".waits.locks[0].holders[0] | .thread == \"t0\" and .tid == 101 and .seconds == 0.45 and "
        ".nearest_sample == \"rehash\"",
        ".waits.locks[0].stacks[0].frames | map(.function) == [\"[off-CPU: mutex]\", \"find\", "
        "\"main\"]",
        ".waits.locks[1] | .name == null and .holders == []",
        ".waits.wakers == [.waits.wakers[] | select(.waiter_tid == 102 and .waker_tid == 101 and "
        ".kind == \"condition\" and .count == 5)]",
        ".waits.io[0] | .name == \"/data/log\" and .kind == \"file\" and .seconds == 0.06 and "
        ".reads.calls == 100 and .reads.small_calls == 25",
        ".waits.threads[0] | .tid == 101 and .wall == 1 and .cpu == 0.5 and .runnable == 0.25 and "
        ".blocked == 0.25 and .hooked == 0.06 and .voluntary == 12 and .migrations == null",
        ".waits.threads[1] | .wall == null and .runnable == null",
        ".waits.convoys[0] | .threads == 3 and .most_waiting == 3",
        ".waits.cycles == [] and .waits.wake_chains == []",
        ".waits.why | startswith(\"CPU-bound\")",
    };

    for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
        cr_expect(fixture_satisfies(&report_text, profile, &options, filters[i]), "%s", filters[i]);
}

Test(text_waits, the_programs_functions_are_told)
{
    struct frame libc = {.function = strings_intern(profile->strings, "pthread_mutex_lock"),
                         .module = "/lib/x86_64-linux-gnu/libc.so.6"};
    uint32_t in_libc = profile_add_stack(profile, fixture_stack(profile, "main;work"),
                                         profile_add_frame(profile, &libc), false);
    uint32_t alone =
        profile_add_stack(profile, STACK_NONE, profile_add_frame(profile, &libc), false);

    cr_expect_str_eq(wait_text_function(profile, in_libc), "work");
    cr_expect_str_eq(wait_text_caller(profile, in_libc), "main");
    cr_expect_str_eq(wait_text_function(profile, alone), "pthread_mutex_lock");
    cr_expect_null(wait_text_caller(profile, alone));
    cr_expect_str_eq(wait_text_function(profile, STACK_NONE), "unknown");
    static const char *const calls[][2] = {
        {"load", "load()"}, {"[libx.so+0x1]", "[libx.so+0x1]"}, {"a::f(int)", "a::f(int)"}};
    for (size_t i = 0; i < 3; i++) {
        char *call = wait_text_call(calls[i][0]);
        cr_expect_str_eq(call, calls[i][1]);
        free(call);
    }
    cr_expect_str_eq(wait_text_function(profile, fixture_stack(profile, "[off-CPU]")), "unknown");
}

Test(text_waits, what_info_says)
{
    struct profile_property *properties = memory_alloc(3 * sizeof(*properties));

    properties[0] = (struct profile_property){"waits", "on"};
    properties[1] = (struct profile_property){"wait_threshold_ns", "50000"};
    properties[2] = (struct profile_property){"waits_lost", "7"};
    profile->processes[0].properties = properties;
    profile->processes[0].property_count = 3;
    profile->singles_left = 234;
    char *text = fixture_output(&report_info, profile, &(struct report_options){.columns = 100});
    expect(text,
           "  single waits         234 more are in the sums only: not in convoys, chains and ");
    expect(text, "  waits                51, in calls of 50.0 us and more; 7 lost\n");
    expect(text,
           "  blocked              250 ms by the kernel's count: 24 % in hooked calls, 76 % of no "
           "known place\n");
    free(text);
    cr_expect(fixture_satisfies(&report_info, profile, &(struct report_options){.json = true},
                                ".waits == {on: true, threshold_ns: 50000, count: 51, lost: 7, "
                                "blocked_ns: 250000000, hooked_ns: 60000000, looked_ns: 0, "
                                "unplaced_ns: 190000000}"));
    profile->processes[0].has_waits = false;
    properties[0].value = "off";
    text = fixture_output(&report_info, profile, &(struct report_options){.columns = 100});
    expect(text, "  waits                off\n");
    free(text);
}
