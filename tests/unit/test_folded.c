/* Unit tests of analyzer/reports/folded.c, with a checker of its own for what
 * consumers expect of every line. */
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>
#include <regex.h>

static struct profile *profile;

static uint32_t start(void)
{
    profile = profile_new();
    return fixture_thread(profile, fixture_process(profile, "p", 1, 0), "worker", 42);
}

static void assert_output(const struct report_options *options, const char *expected)
{
    char *text = fixture_output(&report_folded, profile, options);

    cr_assert_str_eq(text, expected);
    free(text);
}

/* Frames without ';' and control characters between single ';', one blank, an
 * integer; lines rising by bytes; no stack twice. */
static void assert_well_formed(const char *text)
{
    regex_t line_form;
    char *copy = memory_strdup(text);
    char *rest = copy;
    char *before = NULL;

    cr_assert_eq(regcomp(&line_form, "^[^;]+(;[^;]+)* -?[1-9][0-9]*$", REG_EXTENDED | REG_NOSUB),
                 0);
    for (char *line; (line = strsep(&rest, "\n")) != NULL && rest != NULL;) {
        cr_assert_eq(regexec(&line_form, line, 0, NULL, 0), 0, "'%s'", line);
        for (const char *c = line; *c != '\0'; c++)
            cr_assert((unsigned char)*c >= 0x20 && *c != 0x7f);
        if (before != NULL)
            cr_assert_lt(strcmp(before, line), 0, "'%s' before '%s'", before, line);
        before = line;
    }
    regfree(&line_form);
    free(copy);
}

Test(folded, root_first_sorted_and_merged)
{
    uint32_t thread = start();
    struct report_options options = {.metric = METRIC_CPU};

    fixture_entry(profile, thread, fixture_stack(profile, "main;b"), 5, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;a;c"), 7, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;a"), 11, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;+a"), 100, 0); /* inlined */
    fixture_entry(profile, thread, fixture_stack(profile, "main;zero"), 0, 0);
    assert_output(&options, "main;a 111\nmain;a;c 7\nmain;b 5\n");
    options.metric = METRIC_SAMPLES;
    assert_output(&options, "main;a 2\nmain;a;c 1\nmain;b 1\nmain;zero 1\n");
    profile_free(profile);
}

Test(folded, whole_lines_are_in_byte_order)
{
    uint32_t thread = start();
    struct report_options options = {.metric = METRIC_CPU};

    /* ' ' < digits < ';' < letters: names that go on after a shorter one. */
    fixture_entry(profile, thread, fixture_stack(profile, "x"), 12, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "x;y"), 1, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "x 1;y"), 1, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "x 1"), 5, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "x z"), 1, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "x!"), 1, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "xa"), 1, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "\xc3\xa4"), 1, 0);
    char *text = fixture_output(&report_folded, profile, &options);
    cr_assert_str_eq(text, "x 1 5\nx 12\nx 1;y 1\nx z 1\nx! 1\nx;y 1\nxa 1\n\xc3\xa4 1\n");
    assert_well_formed(text);
    free(text);
    profile_free(profile);
}

Test(folded, memory_delta_is_signed)
{
    uint32_t thread = start();
    struct report_options options = {.metric = METRIC_MEMORY_DELTA};

    fixture_entry(profile, thread, fixture_stack(profile, "main;grow"), 1, 4096);
    fixture_entry(profile, thread, fixture_stack(profile, "main;shrink"), 1, -1024);
    fixture_entry(profile, thread, fixture_stack(profile, "main;even"), 1, 512);
    fixture_entry(profile, thread, fixture_stack(profile, "main;even"), 1, -512);
    assert_output(&options, "main;grow 4096\nmain;shrink -1024\n");
    profile_free(profile);
}

Test(folded, hostile_names)
{
    uint32_t thread = start();
    struct report_options options = {.metric = METRIC_CPU};
    const char *const names[] = {
        "operator;<\"&'>\x01", "a\nb 3", "\xff\xfe", " ", ";", "\t", "7 7"};
    uint32_t stack = STACK_NONE;

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        stack = profile_add_stack(profile, stack, fixture_frame(profile, names[i]), false);
        fixture_entry(profile, thread, stack, (int64_t)i + 1, 0);
    }
    char *text = fixture_output(&report_folded, profile, &options);
    assert_well_formed(text);
    cr_assert_not_null(strstr(text, "operator:<\"&'>\xef\xbf\xbd 1\n"));
    free(text);
    profile_free(profile);
}

Test(folded, names_that_become_equal_are_merged)
{
    uint32_t thread = start();
    struct report_options options = {.metric = METRIC_CPU};
    uint32_t one = profile_add_stack(profile, STACK_NONE, fixture_frame(profile, "a;b"), false);

    fixture_entry(profile, thread, one, 1, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "a:b"), 2, 0);
    assert_output(&options, "a:b 3\n");
    profile_free(profile);
}

Test(folded, first_frames)
{
    uint32_t thread = start();
    uint32_t other = fixture_thread(profile, fixture_process(profile, "q", 7, 1), "main", 7);
    struct report_options options = {.metric = METRIC_CPU};

    fixture_entry(profile, thread, fixture_stack(profile, "main"), 1, 0);
    fixture_entry(profile, other, fixture_stack(profile, "main"), 2, 0);
    assert_output(&options, "p;main 1\nq;main 2\n");
    options.by_process = true;
    assert_output(&options, "p (1);main 1\nq (7);main 2\n");
    options.by_thread = true;
    assert_output(&options, "main (7);main 2\nworker (42);main 1\n");
    profile_free(profile);
}

Test(folded, deep_stacks_and_empty_ones)
{
    uint32_t thread = start();
    struct report_options options = {.metric = METRIC_CPU};
    uint32_t stack = STACK_NONE;

    fixture_entry(profile, thread, STACK_NONE, 3, 0);
    for (int i = 0; i < 4096; i++)
        stack = profile_add_stack(profile, stack, fixture_frame(profile, "f"), false);
    fixture_entry(profile, thread, stack, 9, 0);
    char *text = fixture_output(&report_folded, profile, &options);
    assert_well_formed(text);
    cr_assert_eq(strlen(text), strlen("[no stack] 3\n") + 4096 * 2 - 1 + strlen(" 9\n"));
    free(text);
    profile_free(profile);
}

Test(folded, nothing_gives_nothing)
{
    struct report_options options = {.metric = METRIC_CPU};

    profile = profile_new();
    assert_output(&options, "");
    options.metric = METRIC_MEMORY_DELTA;
    cr_assert_null(fixture_output(&report_folded, profile, &options));
    profile_free(profile);
}
