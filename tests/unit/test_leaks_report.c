/* Unit tests of analyzer/reports/leaks_report.c. */
#include "analyzer/reports/leaks_report.h"
#include "analyzer/util/utf8.h"
#include "tests/unit/leaks_fixture.h"

#include <criterion/criterion.h>

static struct leaks_fixture fixture;
static struct report_options options = {.leaks = true, .columns = 200};
static char *text;

static void start(void)
{
    fixture = leaks_fixture();
}

static void stop(void)
{
    free(text);
    profile_free(fixture.profile);
}

static void write_text(void)
{
    free(text);
    text = fixture_output(&report_text, fixture.profile, &options);
    cr_assert_not_null(text);
}

static void expect(const char *part)
{
    cr_expect(strstr(text, part) != NULL, "'%s' is missing in:\n%s", part, text);
}

static void expect_not(const char *part)
{
    cr_expect(strstr(text, part) == NULL, "'%s' is in:\n%s", part, text);
}

TestSuite(leaks_report, .init = start, .fini = stop);

Test(leaks_report, without_a_scan_it_says_what_was_not_freed_from_leaf_to_root)
{
    leaks_add(&fixture, fixture.main, "main;build;make", LEAK_UNKNOWN, leaks_amount(12, 94, 1),
              120);
    leaks_add(&fixture, fixture.worker, "main;build;make", LEAK_UNKNOWN, leaks_amount(1, 5, 1),
              340);
    write_text();
    expect("Leaks  1.11 KiB (1 133 bytes) in 13 blocks from 1 stack, not freed when the recording "
           "ended\n       no scan for pointers");
    expect("\nNot freed: 1.11 KiB (1 133 bytes) in 13 blocks, allocated from:\n"
           "    #0 make (/usr/bin/made-up+0x0)\n"
           "    #1 build (/usr/bin/made-up+0x0)\n"
           "    #2 main (/usr/bin/made-up+0x0)\n"
           "    most by main (100) of 2 threads, 120 ms to 340 ms after the start\n");
}

Test(leaks_report, sampled_figures_carry_their_interval)
{
    fixture.profile->processes[0].heap.interval = 1000;
    leaks_add(&fixture, fixture.main, "main;make", LEAK_UNKNOWN,
              leaks_amount(100, 100, estimate_weight(100, 1000)), 1);
    write_text();
    expect("Not freed: about 103 KiB (");
    expect(" to ");
    expect(" in 1.05 k blocks (");
}

/* Of none half a chi-square of one degree, 2.51, which the approximation has as 2.46: so many
 * intervals of bytes, and as many 2^20 / 128 blocks, of the smallest there are. */
Test(leaks_report, none_sampled_is_not_none)
{
    fixture.profile->processes[0].heap.interval = 1 << 20;
    write_text();
    expect("Leaks  none among the blocks sampled: 2.46 MiB in 20.2 k blocks at most\n");
    options.json = true;
    write_text();
    expect(
        "\"totals\": {\n    \"not-freed\": {\"stacks\": 0, \"bytes\": {\"value\": 0, \"low\": 0, "
        "\"high\": 258");
    options.json = false;
}

Test(leaks_report, of_a_part_of_the_run_it_says_so)
{
    fixture.profile->is_window = true;
    leaks_add(&fixture, fixture.main, "main;make", LEAK_UNKNOWN, leaks_amount(1, 94, 1), 120);
    write_text();
    expect("Leaks  94 B (94 bytes) in 1 block from 1 stack, allocated in that part of the run and "
           "not freed at its end\n");
    expect("no scan for pointers to them: what was in use then is among them; record --leak-scan "
           "looks once, when the program ends\n");
    expect_not("recording ended");
}

Test(leaks_report, a_scan_divides_and_hides_what_is_in_reach)
{
    struct profile_leak_scan *scan = &fixture.profile->processes[0].heap.scan;

    *scan = (struct profile_leak_scan){.done = true,
                                       .whole = true,
                                       .complete = true,
                                       .bytes = 5 << 20,
                                       .threads = 2,
                                       .length_ns = 3000000};
    leaks_add(&fixture, fixture.main, "main;lost", LEAK_DIRECT, leaks_amount(1, 8, 1), 1);
    leaks_add(&fixture, fixture.main, "main;below", LEAK_INDIRECT, leaks_amount(2, 8, 1), 1);
    leaks_add(&fixture, fixture.main, "main;kept", LEAK_REACHABLE, leaks_amount(3, 8, 1), 1);
    write_text();
    expect("Leaks  8 B (8 bytes) in 1 block from 1 stack, lost");
    expect("and    16 B (16 bytes) in 2 blocks from 1 stack, lost with others");
    expect("Kept   24 B (24 bytes) in 3 blocks from 1 stack, not freed but within reach: --all");
    expect("Scan   5.00 MiB of memory, registers of 2 threads, in 3.00 ms\n");
    expect("Direct leak of 8 B (8 bytes) in 1 block, allocated from:\n    #0 lost");
    expect("Indirect leak of 16 B (16 bytes) in 2 blocks");
    expect_not("#0 kept");
    expect_not("incomplete");
    expect_not("at least");
    options.all = true;
    write_text();
    expect("Still reachable: 24 B");
    options.all = false;

    scan->complete = scan->whole = false;
    scan->left_bytes = 1 << 20;
    scan->left_threads = 1;
    write_text();
    expect("incomplete: without 1.00 MiB of memory, registers of 1 threads");
    expect("lost is so at least: pointers in blocks that were not recorded count as use");
}

Test(leaks_report, says_which_rule_kept_what_back)
{
    struct suppression rules[] = {{"^make$", 4}, {"unused", 5}};
    const struct suppressions suppressions = {.rules = rules, .count = 2};

    leaks_add(&fixture, fixture.main, "main;make", LEAK_UNKNOWN, leaks_amount(2, 10, 1), 1);
    options.suppressions = &suppressions;
    write_text();
    expect("Leaks  none\n");
    expect("\nSuppressed 1 stack, 20 B (20 bytes) in 2 blocks:\n"
           "    line 4, leak:^make$: 1 stack, 20 B (20 bytes) in 2 blocks\n");
    expect_not("unused");
    options.json = true;
    write_text();
    expect("\"suppressed_by\": \"^make$\"");
    expect("\"pattern\": \"unused\"");
    options.json = false;
    options.suppressions = NULL;
}

Test(leaks_report, what_libraries_keep_is_shown_and_explained)
{
    struct frame loader = {
        .function = strings_intern(fixture.profile->strings, "calloc"),
        .module = strings_intern(fixture.profile->strings, "/lib64/ld-linux-x86-64.so.2")};
    struct profile_leak leak = {.amount = leaks_amount(1, 300, 1)};

    leak.stack = profile_add_stack(fixture.profile, STACK_NONE,
                                   profile_add_frame(fixture.profile, &loader), false);
    profile_add_leak(fixture.profile, &leak);
    write_text();
    expect("    note: the loader keeps this for as long as the process lives\n");
}

Test(leaks_report, rows_beyond_the_top_are_counted)
{
    leaks_add(&fixture, fixture.main, "main;a", LEAK_UNKNOWN, leaks_amount(1, 8, 1), 1);
    leaks_add(&fixture, fixture.main, "main;b", LEAK_UNKNOWN, leaks_amount(1, 9, 1), 1);
    options.top = 1;
    write_text();
    expect("#0 b");
    expect_not("#0 a");
    expect("\nand 1 more stacks (--top N, --all)\n");
    options.top = 0;
}

/* Those of templates have kilobytes: --json has all of it. */
Test(leaks_report, long_names_and_paths_are_cut)
{
    char name[400];
    size_t widest = 0;

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    const struct frame frame = {.function = strings_intern(fixture.profile->strings, name),
                                .file = strings_intern(fixture.profile->strings, name),
                                .line = 7};
    profile_add_stack(fixture.profile, STACK_NONE, profile_add_frame(fixture.profile, &frame),
                      false);
    char *stack = memory_printf("main;%s", name);
    leaks_add(&fixture, fixture.main, stack, LEAK_UNKNOWN, leaks_amount(1, 5, 1), 120);
    free(stack);
    options.columns = 80;
    write_text();
    options.columns = 200;
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        char *copy = strndup(line, strcspn(line, "\n"));
        widest = utf8_length(copy) > widest ? utf8_length(copy) : widest;
        free(copy);
    }
    cr_expect(widest <= 80 && widest > 70, "%zu columns", widest);
}

/* Names and paths that fit stay whole, on lines of their own where need be. */
Test(leaks_report, lines_are_as_wide_as_the_terminal)
{
    size_t widest = 0;

    fixture.profile->processes[0].heap.interval = 1000;
    leaks_add(&fixture, fixture.main, "main;build_the_longest_of_all_names_there_are_here;make",
              LEAK_UNKNOWN, leaks_amount(123456, 94321, 1), 120);
    leaks_add(&fixture, fixture.worker, "main;make", LEAK_UNKNOWN, leaks_amount(1, 5, 1), 340);
    options.columns = 60;
    write_text();
    options.columns = 200;
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        if (strcspn(line, "\n") > widest)
            widest = strcspn(line, "\n");
    cr_expect(widest <= 60 && widest > 50, "%zu columns", widest);
    expect("    #1 build_the_longest_of_all_names_there_are_here\n"
           "        (/usr/bin/made-up+0x0)\n");
}

Test(leaks_report, without_stacks_of_the_heap_it_is_a_problem)
{
    struct problem problem = {0};

    fixture.profile->processes[0].heap.has_sites = false;
    cr_expect_eq(leaks_report_write(fixture.profile, &options, stdout, &problem), PROBLEM_NOTHING);
    cr_expect(strstr(problem.text, "--heap") != NULL);
}
