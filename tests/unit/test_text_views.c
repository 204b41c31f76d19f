/* Unit tests of analyzer/reports/text_function.c and text_source.c. */
#include "analyzer/util/utf8.h"
#include "tests/unit/profile_fixture.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>

static struct profile *profile;

static uint32_t at(uint32_t parent, const char *function, uint32_t line, uint32_t decl_line,
                   enum frame_kind kind)
{
    struct frame frame = {.function = strings_intern(profile->strings, function),
                          .file = line > 0 ? "/gone/src/dict.c" : NULL,
                          .module = "/usr/bin/redis",
                          .line = line,
                          .decl_line = decl_line,
                          .kind = kind};

    return profile_add_stack(profile, parent, profile_add_frame(profile, &frame), false);
}

/* main calls rehash, into which step is inlined, and itself. */
static void start(void)
{
    scratch_init();
    profile = profile_new();
    uint32_t process = fixture_process(profile, "redis", 10, 1);
    profile->processes[process].start_realtime_ns = 1;
    uint32_t one = fixture_thread(profile, process, "redis", 10);
    uint32_t two = fixture_thread(profile, process, "bio", 11);
    uint32_t top = at(STACK_NONE, "main", 9, 8, FRAME_NATIVE);
    uint32_t rehash = at(top, "rehash", 5, 4, FRAME_NATIVE);

    fixture_entry(profile, one, at(rehash, "step", 2, 1, FRAME_INLINED), 60000000, 0);
    fixture_entry(profile, two, at(top, "rehash", 6, 4, FRAME_NATIVE), 20000000, 0);
    fixture_entry(profile, one, top, 20000000, 0);
}

static void stop(void)
{
    profile_free(profile);
    scratch_release();
}

TestSuite(text_views, .init = start, .fini = stop);

static char *output(const struct report_options *options)
{
    return fixture_output(&report_text, profile, options);
}

static void assert_contains(const char *text, const char *part)
{
    cr_assert_not_null(strstr(text, part), "no '%s' in:\n%s", part, text);
}

Test(text_views, function)
{
    char *text = output(&(struct report_options){.function = "rehash"});

    cr_assert_str_eq(text,
                     "rehash\n"
                     "  dict.c:4, in /usr/bin/redis\n"
                     "CPU time  self 20 % (20.0 ms), total 80 % (80.0 ms) of 100 ms; sampled\n"
                     "\n"
                     "Called by\n"
                     " of all    of it   function   file:line\n"
                     "   80 %    100 %   main       dict.c:8\n"
                     "\n"
                     "Calls\n"
                     " of all    of it   function   file:line\n"
                     "   60 %     75 %   step       dict.c:1\n"
                     "   20 %     25 %   (its own code)\n"
                     "\n"
                     "Its lines   (shares of all; total: with what is called from there)\n"
                     "   self    total   line\n"
                     "   20 %     20 %   dict.c:6\n"
                     "    0 %     60 %   dict.c:5\n"
                     "\n"
                     "Threads it is in\n"
                     " of all    of it   thread (tid)\n"
                     "   60 %     75 %   redis (10)\n"
                     "   20 %     25 %   bio (11)\n");
    free(text);
}

Test(text_views, function_by_another_metric)
{
    char *text = output(&(struct report_options){.function = "rehash", .metric = METRIC_SAMPLES});

    assert_contains(text, "Samples  self 33 % (1 sample), total 67 % (2 samples) of 3 samples; "
                          "stacks taken\n");
    free(text);
}

Test(text_views, functions_of_one_name_in_several_places)
{
    struct frame other = {.function = strings_intern(profile->strings, "rehash"),
                          .module = "/usr/lib/libother.so"};
    fixture_entry(profile, 0,
                  profile_add_stack(profile, STACK_NONE, profile_add_frame(profile, &other), false),
                  100000000, 0);
    char *text = output(&(struct report_options){.function = "rehash"});

    assert_contains(text, "  dict.c:4, in /usr/bin/redis; with what is called so in 1 other place\n"
                          "CPU time  self 60 % (120 ms), total 90 % (180 ms) of 200 ms; sampled\n");
    assert_contains(text, "   50 %     56 %   (nobody: stacks begin with it)\n");
    free(text);
}

Test(text_views, recursion_is_told_of)
{
    uint32_t rehash = at(at(STACK_NONE, "main", 9, 8, FRAME_NATIVE), "rehash", 5, 4, FRAME_NATIVE);
    fixture_entry(profile, 0, at(rehash, "rehash", 6, 4, FRAME_NATIVE), 100000000, 0);
    char *text = output(&(struct report_options){.function = "rehash"});

    assert_contains(text, "total 90 % (180 ms) of 200 ms");
    assert_contains(text, "Recursion  on one stack up to 2 times, in 56 % of its total;");
    assert_contains(text, "   90 %    100 %   main       dict.c:8\n"
                          "   50 %     56 %   rehash     dict.c:4\n");
    free(text);
}

Test(text_views, a_part_of_several_names_lists_them)
{
    fixture_entry(profile, 0, at(STACK_NONE, "rehash_all", 0, 0, FRAME_NATIVE), 1000000, 0);
    char *text = output(&(struct report_options){.function = "eha"});

    cr_assert_str_eq(text, "'eha' fits 2 functions: which one?\n"
                           "\n"
                           "   self    total   function     file:line\n"
                           "   20 %     79 %   rehash       dict.c:4\n"
                           " 0.99 %   0.99 %   rehash_all   [redis]\n");
    free(text);
}

static void assert_problem(const struct report_options *options, const char *expected)
{
    struct problem problem = {0};
    FILE *out = fopen("/dev/null", "w");

    cr_assert_eq(report_text.write(profile, options, out, &problem), PROBLEM_NOTHING);
    cr_assert_not_null(strstr(problem.text, expected), "%s", problem.text);
    fclose(out);
}

Test(text_views, names_that_are_not_there)
{
    at(STACK_NONE, "bare", 0, 0, FRAME_NATIVE);
    assert_problem(&(struct report_options){.function = "nobody"}, "cannot find function 'nobody'");
    assert_problem(&(struct report_options){.source = "nobody.c"}, "cannot find 'nobody.c'");
    assert_problem(&(struct report_options){.source = "bare"}, "no debug information");
    assert_problem(&(struct report_options){.function = "main", .metric = METRIC_WALL},
                   "no metric 'wall'");
}

Test(text_views, source_without_text)
{
    char *text = output(&(struct report_options){.source = "dict.c"});

    assert_contains(text, "CPU time  100 % of 100 ms in the code of this file itself; sampled\n"
                          "\n"
                          "/gone/src/dict.c\n"
                          "  no text: looked there and below '/tmp/profinject-test.");
    assert_contains(text, "\n   self    total    line\n"
                          "   60 %     60 %       2\n"
                          "            60 %       5\n"
                          "   20 %     20 %       6\n"
                          "   20 %    100 %       9\n"
                          "\n"
                          "Inlined\n");
    assert_contains(text, "   60 %   dict.c:5                    step\n");
    free(text);
}

Test(text_views, source_with_text)
{
    scratch_write("dict.c",
                  "void step()\n{ work(); }\n\nvoid rehash()\n\tstep();\n}\n\nint main()\n"
                  "rehash();\n");
    char *text = output(&(struct report_options){.source = "rehash"});

    assert_contains(text, "CPU time  20 % of 100 ms in the code of rehash itself; sampled\n");
    assert_contains(text, "  text from ./dict.c, changed after the recording began\n"
                          "   self    total    line\n"
                          "                       4  void rehash()\n"
                          "            60 %       5          step();\n"
                          "   20 %     20 %       6  }\n"
                          "                       7\n"
                          "                       8  int main()\n"
                          "                       9  rehash();\n");
    free(text);
    text = output(&(struct report_options){.source = "dict.c", .top = 1});
    assert_contains(text, "   20 %    100 %       9  rehash();\n");
    assert_contains(text, "and 3 more lines that cost less");
    free(text);
}

Test(text_views, hostile_names_and_text_fit)
{
    char name[65600];

    memset(name, 'x', sizeof(name));
    memcpy(name, "<script>\n\x1b[31m\xff\xe2\x80\xae", 17);
    name[sizeof(name) - 1] = '\0';
    scratch_write("dict.c", name);
    fixture_entry(profile, 0,
                  at(at(STACK_NONE, name, 5, 4, FRAME_NATIVE), name, 2, 1, FRAME_INLINED),
                  100000000, 0);
    const struct report_options options[] = {{.function = "<script>"},
                                             {.source = "<script>"},
                                             {.source = "dict.c"},
                                             {.function = "main"}};
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        char *text = output(&options[i]);
        cr_assert_not_null(text);
        cr_assert_null(strchr(text, '\x1b'));
        char *rest = text;
        for (char *line; (line = strsep(&rest, "\n")) != NULL;)
            cr_assert(utf8_length(line) <= 80, "%zu: '%s'", i, line);
        free(text);
    }
}
