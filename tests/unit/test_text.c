/* Unit tests of analyzer/reports/text.c and the sections it writes. */
#include "analyzer/util/utf8.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static uint32_t with_place(struct profile *profile, uint32_t parent, const char *name,
                           const char *file, uint32_t decl_line)
{
    struct frame frame = {.function = strings_intern(profile->strings, name),
                          .file = file,
                          .module = "/lib/x.so",
                          .decl_line = decl_line,
                          .address = 1};

    return profile_add_stack(profile, parent, profile_add_frame(profile, &frame), false);
}

/* 75 % in siphash, 25 % in rehash, which calls it; both below main. */
static struct profile *make(void)
{
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "redis-server", 10, 1);
    uint32_t thread = fixture_thread(profile, process, "redis-server", 10);
    uint32_t main_stack = with_place(profile, STACK_NONE, "main", "/src/main.c", 700);
    uint32_t rehash = with_place(profile, main_stack, "rehash", "/src/dict.c", 50);
    uint32_t siphash = with_place(profile, rehash, "siphash", "/src/siphash.c", 119);

    fixture_entry(profile, thread, rehash, 25000000, 512);
    fixture_entry(profile, thread, siphash, 75000000, 2048);
    profile->processes[process].command = "redis-server --port 6379";
    profile->processes[process].truncated = 1;
    profile->threads[thread].memory =
        (struct memory_totals){2400000, 13002342, 2300000, 10 * 1048576};
    return profile;
}

static char *output(const struct profile *profile, bool all, unsigned columns)
{
    struct report_options options = {.all = all, .columns = columns};

    return fixture_output(&report_text, profile, &options);
}

static void assert_contains(const char *text, const char *part)
{
    cr_assert_not_null(strstr(text, part), "no '%s' in:\n%s", part, text);
}

static void assert_fits(const char *text, size_t columns)
{
    char *copy = memory_strdup(text);
    char *rest = copy;

    for (char *line; (line = strsep(&rest, "\n")) != NULL;)
        cr_assert_leq(utf8_length(line), columns, "'%s'", line);
    free(copy);
}

Test(text, first_screen)
{
    struct profile *profile = make();
    char *text = output(profile, false, 80);

    cr_assert_str_eq(
        text, "redis-server --port 6379   2.00 s wall, 500 ms CPU, 1 process, 1 thread\n"
              "1000 Hz asked, 200 signals/s x 50   0 lost, 1.0 % truncated, 0 % guessed\n"
              "CPU   100.0 % of 500 ms sampled\n"
              "Heap  2.40 M allocations (1.20 M/s), 12.4 MiB allocated, 10.0 MiB freed (exact)\n"
              "\n"
              "   self             total   function   file:line\n"
              "   75 % ########     75 %   siphash    siphash.c:119\n"
              "   25 % ###         100 %   rehash     dict.c:50\n");
    free(text);
    struct report_options blocks = {.columns = 80, .blocks = true};
    text = fixture_output(&report_text, profile, &blocks);
    assert_contains(text, "   75 % ███████▌     75 %   siphash    siphash.c:119\n"
                          "   25 % ██▌         100 %   rehash     dict.c:50\n");
    assert_fits(text, 80);
    free(text);
    text = output(profile, false, 200);
    assert_contains(text, "1 thread   1000 Hz asked, 200 signals/s x 50   0 lost");
    free(text);
    profile_free(profile);
}

Test(text, another_metric_says_what_it_is)
{
    struct profile *profile = make();
    struct report_options options = {.columns = 80, .all = true, .metric = METRIC_MEMORY_DELTA};
    char *text = fixture_output(&report_text, profile, &options);

    assert_contains(text, "\nMemory delta   (2.50 KiB in all; charged to the next sample)\n"
                          "   self             total   function   file:line\n"
                          "   80 % ########     80 %   siphash    siphash.c:119\n"
                          "   20 % ##          100 %   rehash     dict.c:50\n");
    assert_contains(text,
                    "Hot paths   (whole stacks by memory-delta; charged to the next sample)\n");
    assert_contains(text, "   80 %       3   rehash > siphash\n");
    free(text);
    profile_free(profile);
}

/* Freed elsewhere than allocated: shares of what is left would be beyond all there is. */
Test(text, shares_of_what_was_gained)
{
    struct profile *profile = make();
    struct report_options options = {.columns = 80, .all = true, .metric = METRIC_MEMORY_DELTA};

    fixture_entry(profile, 0, with_place(profile, STACK_NONE, "drop", "/src/d.c", 1), 1, -2500);
    char *text = fixture_output(&report_text, profile, &options);
    assert_contains(text, "\nMemory delta\n  (60 B in all, shares of the 2.50 KiB gained; ");
    assert_contains(text, "   80 % ########     80 %   siphash    siphash.c:119\n");
    assert_contains(text, "   80 %       3   rehash > siphash\n");
    free(text);
    options = (struct report_options){
        .columns = 80, .metric = METRIC_MEMORY_DELTA, .function = "siphash"};
    text = fixture_output(&report_text, profile, &options);
    assert_contains(text, "self 80 % (2.00 KiB), total 80 % (2.00 KiB) of 60 B in all, shares");
    free(text);
    /* Nothing was left of it: it was counted all the same. */
    fixture_entry(profile, 0, with_place(profile, STACK_NONE, "drop", "/src/d.c", 1), 1, -2500);
    options.function = NULL;
    text = fixture_output(&report_text, profile, &options);
    assert_contains(text, "(-2.38 KiB in all, shares of the 2.50 KiB gained; ");
    free(text);
    profile_free(profile);
}

/* A process that called exec is one, however many programs it ran. */
Test(text, ends_and_execs)
{
    struct profile *profile = make();

    for (uint32_t image = 1; image <= 2; image++)
        profile->processes[fixture_process(profile, "next", 10, 1)].image = image;
    for (size_t i = 0; i < profile->process_count; i++)
        profile->processes[i].heap.peak_ns = profile->processes[i].start_ns;
    profile->threads[0].memory.alloc_count = 1;
    char *text = output(profile, false, 80);
    assert_contains(text, " 1 process, 1 thread\n");
    assert_contains(text, "live at the end of 1 process and at 2 execs together ");
    assert_contains(text, "1 allocation (");
    free(text);
    profile_free(profile);
}

/* What a trace says of itself is text of others. */
Test(text, facts_of_a_hostile_trace)
{
    struct profile *profile = make();
    char path[300];

    memset(path, 'p', sizeof(path));
    memcpy(path, "\xff\x1b[2J", 5);
    path[sizeof(path) - 1] = '\0';
    struct profile_resident *look = memory_alloc(sizeof(*look));
    *look = (struct profile_resident){.time_ns = profile->processes[0].start_ns,
                                      .known = UINT64_MAX,
                                      .resident = 1 << 20,
                                      .shared = 1 << 20,
                                      .file = path,
                                      .file_resident = 1 << 20};
    profile->processes[0].mapped = (struct profile_mapped){
        .is_known = true, .looks = look, .look_count = 1, .look_capacity = 1};
    profile->processes[0].clock = "\xff\x1b[31m";
    profile->processes[0].unwinder = "a\nb";
    char *text = output(profile, true, 80);
    assert_contains(text, "      largest: \xef\xbf\xbd\xef\xbf\xbd[2Jppp");
    assert_fits(text, 80);
    assert_contains(text, "  clock        \xef\xbf\xbd\xef\xbf\xbd[31m\n");
    assert_contains(text, "  unwinder     a\xef\xbf\xbd"
                          "b\n");
    free(text);
    profile_free(profile);
}

Test(text, all_sections)
{
    struct profile *profile = make();
    uint32_t other = fixture_process(profile, "helper", 20, 10);
    uint32_t foreign = fixture_thread(profile, other, "alien", 21);

    profile->threads[foreign].foreign = true;
    profile_add_message(profile, "1 chunk lost");
    char *text = output(profile, true, 80);
    assert_contains(text, "  all below  redis-server > main\n");
    assert_contains(text, "   75 %       4   rehash > siphash\n");
    assert_contains(text, "   25 %       3   rehash\n");
    assert_contains(text, "  2.00 KiB  2.00 KiB         1   siphash");
    assert_contains(text, "charged to the next sample");
    assert_contains(text,
                    "redis-server (10)        500 ms    2.40 M  12.4 MiB    2.30 M  10.0 MiB");
    assert_contains(text, "alien (21)               500 ms   memory unavailable (foreign thread)");
    assert_contains(text, "helper (20)");
    assert_contains(text, "1 chunk lost");
    assert_contains(text, "bytes per sample");
    assert_fits(text, 80);
    free(text);
    profile_free(profile);
}

Test(text, unavailable_is_not_zero)
{
    struct profile *profile = make();

    profile->processes[0].has_memory = false;
    profile->processes[0].memory_reason = "not preloaded";
    char *text = output(profile, true, 80);
    assert_contains(text, "Heap  unavailable (not preloaded)\n");
    assert_contains(text, "memory unavailable\n");
    free(text);
    profile_free(profile);
}

Test(text, long_and_hostile_names_fit)
{
    struct profile *profile = make();
    uint32_t thread = 0;
    char name[600];

    memset(name, 'x', sizeof(name));
    memcpy(name, "std::map<\x1b[31m", 13);
    memcpy(name + sizeof(name) - 5, "end)", 5);
    uint32_t stack =
        with_place(profile, STACK_NONE, name, "/src/very_long_file_name_of_a_file.c", 1);
    fixture_entry(profile, thread, with_place(profile, stack, name, NULL, 0), 500000000, 99);
    profile->processes[0].command = name;
    char *text = output(profile, true, 80);
    assert_fits(text, 80);
    cr_assert_null(strchr(text, '\x1b'));
    assert_contains(text, "end)");
    free(text);
    profile_free(profile);
}

Test(text, tables_say_what_they_leave_out)
{
    struct profile *profile = make();
    struct report_options options = {.top = 1};
    char *text = fixture_output(&report_text, profile, &options);

    assert_contains(text, "siphash");
    assert_contains(text, "  and 1 more\n");
    cr_assert_null(strstr(text, "rehash"));
    free(text);
    profile_free(profile);
}

Test(text, nothing_sampled)
{
    struct profile *profile = profile_new();
    char *text = output(profile, true, 80);

    cr_assert_str_eq(text, "empty recording\n");
    free(text);
    fixture_process(profile, "true", 1, 0);
    text = output(profile, true, 80);
    assert_contains(text, "nothing was sampled");
    assert_contains(text, "nothing sampled   0 lost\n");
    free(text);
    profile_free(profile);
}

Test(text, json)
{
    struct profile *profile = make();
    struct report_options options = {.json = true};
    cr_assert(
        fixture_satisfies(&report_text, profile, &options,
                          ".schema == \"profinject-report-1\" and .run.cpu_ns == 500000000 and "
                          ".heap.alloc_count == 2400000 and "
                          "(.functions | map([.function, .line, .self_cpu_ns, .total_cpu_ns])) == "
                          "[[\"siphash\", 119, 75000000, 75000000], [\"rehash\", 50, 25000000, "
                          "100000000]] and "
                          ".hot_paths[0].frames == [\"main\", \"rehash\", \"siphash\"] and "
                          ".threads[0].memory.free_count == 2300000 and "
                          ".processes[0].exit == \"exit 0\""));
    profile_free(profile);
}

Test(text, an_end_by_signal_is_said_first)
{
    const struct report_options options = {.columns = 80};
    struct profile *profile = make();
    char *text = fixture_output(&report_text, profile, &options);

    cr_assert_null(strstr(text, "killed"), "%s", text);
    free(text);
    profile->processes[0].end = END_SIGNAL;
    profile->processes[0].end_status = 11;
    text = fixture_output(&report_text, profile, &options);
    cr_assert(strstr(text, "\nEnd   killed by signal 11 (Segmentation fault)\n"), "%s", text);
    free(text);
    profile_free(profile);
}

/* "std::" frames between the program's functions are one, the first, or none if the
 * program's would have no room. */
Test(text, paths_through_the_standard_library)
{
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "sorter", 10, 1);
    uint32_t thread = fixture_thread(profile, process, "sorter", 10);
    static const char *const paths[] = {
        "main;arrange();std::sort<int*>(int*, int*);std::__sort<int*>(int*);less(int, int)",
        ("main;collect();void std::vector<int>::insert_all_of_these<int>(int);"
         "std::vector<int>::realloc_and_insert_this(int);std::allocator<int>::allocate(int)"),
        "main;twice();std::once();twice_called()",
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        fixture_entry(profile, thread, fixture_stack(profile, paths[i]), 9000000 >> i, 0);
    char *text = output(profile, true, 80);
    assert_contains(text, "  arrange() > std::sort<int*>(…) > … > less(int, int)\n");
    assert_contains(text, "  collect() > … > std::allocat…allocate(…)\n");
    assert_contains(text, "  twice() > std::once() > twice_called()\n");
    assert_fits(text, 80);
    free(text);
    profile_free(profile);
}

/* Where the interval's half is more than the estimate an error would leave less than nothing. */
Test(text, a_heap_of_which_little_was_sampled_is_so_much_at_most)
{
    struct profile *profile = make();
    struct profile_heap *heap = &profile->processes[0].heap;

    heap->has_sites = true;
    heap->interval = 1 << 20;
    heap->peak_ns = profile_start_ns(profile);
    estimate_add(&heap->peak.bytes, 1 << 26, estimate_weight(1 << 26, 1 << 20));
    estimate_add(&heap->live.bytes, 1024, estimate_weight(1024, 1 << 20));
    char *text = output(profile, false, 80);
    /* 4.67 intervals, half a chi-square of three degrees, for one met */
    assert_contains(text, "Heap  peak 64.0 MiB (±1.");
    assert_contains(text, "live at end 1.00 MiB (<=4.6");
    free(text);
    profile_free(profile);
}

Test(text, a_part_is_named_in_lines_that_fit)
{
    struct profile *profile = make();

    profile->part = "0.5 s to 1.2 s";
    char *text = output(profile, false, 80);
    assert_contains(text,
                    "Part  0.5 s to 1.2 s: 100 ms of CPU time sampled; clocks and counters are");
    assert_fits(text, 80);
    free(text);
    profile_free(profile);
}
