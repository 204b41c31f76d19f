/* Unit tests of analyzer/reports/flamegraph.c; python's XML parser is the independent
 * reader. What happens in a browser is tried by hand. */
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static uint32_t thread;

static void start(void)
{
    profile = profile_new();
    thread = fixture_thread(profile, fixture_process(profile, "made-up", 1, 0), "t", 1);
}

/* True when python parses `svg` and the expression over the list `frames` of
 * (name, details, x, v, d, class, row) holds. */
static bool holds(const char *svg, const char *expression)
{
    char *command = memory_printf(
        "python3 -c \"\n"
        "import sys, xml.dom.minidom\n"
        "svg = xml.dom.minidom.parse(sys.stdin.buffer).documentElement\n"
        "groups = [g for g in svg.getElementsByTagName('g') if g.hasAttribute('data-x')]\n"
        "text = lambda e: ''.join(c.data for c in e.childNodes)\n"
        "frames = []\n"
        "for g in groups:\n"
        "    name, details = text(g.getElementsByTagName('title')[0]).split(chr(10), 1)\n"
        "    rect = g.getElementsByTagName('rect')[0]\n"
        "    a = g.getAttribute\n"
        "    frames.append((name, details, int(a('data-x')), int(a('data-v')),\n"
        "                   int(a('data-d')), a('class'), int(rect.getAttribute('y')) // 18))\n"
        "texts = {t.getAttribute('id'): text(t) for t in svg.getElementsByTagName('text')\n"
        "         if t.getAttribute('id') not in ('', 'legend')}\n"
        "sys.exit(not (%s))\n\"",
        expression);
    FILE *python = popen(command, "w");

    cr_assert_not_null(python);
    fputs(svg, python);
    free(command);
    return pclose(python) == 0;
}

static void assert_holds(const struct report_options *options, const char *expression)
{
    char *svg = fixture_output(&report_flamegraph, profile, options);

    cr_assert_not_null(svg);
    cr_assert(holds(svg, expression), "%s", expression);
    free(svg);
}

Test(flamegraph, frames_with_value_share_and_place)
{
    struct report_options options = {.metric = METRIC_CPU};

    start();
    fixture_entry(profile, thread, fixture_stack(profile, "main;work"), 30000000, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;+tiny"), 10000000, 0);
    assert_holds(&options, "[f[0] for f in frames] == ['all', 'main', 'tiny', 'work']");
    assert_holds(&options, "[f[2:5] for f in frames] == [(0, 40000000, 0), (0, 40000000, 1), "
                           "(0, 10000000, 2), (10000000, 30000000, 2)]");
    assert_holds(&options,
                 "frames[3][1].split(chr(10)) == ['30.0 ms, 75.00 %', '/usr/bin/made-up']");
    assert_holds(&options, "frames[2][5] == 'f inlined' and frames[3][5] == 'f'");
    assert_holds(&options, "[f[6] for f in frames] == [2, 1, 0, 0]");
    assert_holds(&options, "texts['title'] == 'made-up'");
    assert_holds(&options, "texts['subtitle'] == 'CPU time (sampled): 40.0 ms, 2 samples'");
    options.icicle = true;
    options.title = "<mine & \"yours\">";
    assert_holds(&options, "[f[6] for f in frames] == [0, 1, 2, 2]");
    assert_holds(&options, "texts['title'].startswith('<mine & ')");
    profile_free(profile);
}

Test(flamegraph, hostile_names_stay_text)
{
    struct report_options options = {.metric = METRIC_CPU};

    start();
    uint32_t stack = profile_add_stack(
        profile, STACK_NONE, fixture_frame(profile, "operator;<\"&'>\x01]]></svg>\xff"), false);
    fixture_entry(profile, thread, stack, 10, 0);
    assert_holds(&options, "len(frames) == 2");
    assert_holds(&options, "frames[1][0].startswith('operator;<') and "
                           "frames[1][0].endswith('>' + chr(0xfffd) + ']]></svg>' + chr(0xfffd))");
    profile_free(profile);
}

Test(flamegraph, the_negative_part_is_named_not_drawn)
{
    struct report_options options = {.metric = METRIC_MEMORY_DELTA};

    start();
    fixture_entry(profile, thread, fixture_stack(profile, "main;grow"), 1, 4096);
    fixture_entry(profile, thread, fixture_stack(profile, "main;shrink"), 1, -1024);
    assert_holds(&options, "[f[0] for f in frames] == ['all', 'main', 'grow']");
    assert_holds(&options, "frames[0][3] == 4096");
    assert_holds(&options,
                 "'4.00 KiB growth; negative total -1.00 KiB, not drawn' in texts['subtitle']");
    profile_free(profile);
}

Test(flamegraph, narrow_frames_are_left_out)
{
    struct report_options options = {.metric = METRIC_CPU};

    start();
    fixture_entry(profile, thread, fixture_stack(profile, "main;wide"), 12000 * 10, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;seen"), 11, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;unseen"), 9, 0);
    assert_holds(&options, "[f[0] for f in frames] == ['all', 'main', 'seen', 'wide']");
    profile_free(profile);
}

Test(flamegraph, several_processes_begin_with_their_command)
{
    struct report_options options = {.metric = METRIC_CPU};

    start();
    uint32_t other = fixture_thread(profile, fixture_process(profile, "cc1", 7, 1), "cc1", 7);
    fixture_entry(profile, thread, fixture_stack(profile, "main"), 1, 0);
    fixture_entry(profile, other, fixture_stack(profile, "main"), 2, 0);
    assert_holds(&options, "[f[0] for f in frames] == ['all', 'cc1', 'made-up', 'main', 'main']");
    assert_holds(&options, "frames[1][5] == 'f mark'");
    profile_free(profile);
}

Test(flamegraph, deep_and_empty)
{
    struct report_options options = {.metric = METRIC_CPU};
    uint32_t stack = STACK_NONE;

    start();
    assert_holds(&options, "frames == []");
    for (int i = 0; i < 4096; i++)
        stack = profile_add_stack(profile, stack, fixture_frame(profile, "f"), false);
    fixture_entry(profile, thread, stack, 9, 0);
    assert_holds(&options, "len(frames) == 4097 and frames[-1][4] == 4096");
    profile_free(profile);
}

Test(flamegraph, needs_no_network)
{
    struct report_options options = {.metric = METRIC_CPU};

    start();
    fixture_entry(profile, thread, fixture_stack(profile, "main"), 1, 0);
    char *svg = fixture_output(&report_flamegraph, profile, &options);
    for (const char *at = svg; (at = strstr(at, "http")) != NULL; at++)
        cr_assert_eq(strncmp(at, "http://www.w3.org/", 18), 0, "%.60s", at);
    cr_assert_null(strstr(svg, "@import"));
    cr_assert_null(strstr(svg, "src="));
    free(svg);
    profile_free(profile);
}

/* Of none half a chi-square of one degree, 2.46 as approximated, intervals of 1 MiB. */
Test(flamegraph, none_sampled_is_not_none)
{
    struct report_options options = {.metric = METRIC_LIVE_BYTES};

    start();
    profile->processes[0].heap.has_sites = true;
    profile->processes[0].heap.interval = 1 << 20;
    assert_holds(&options,
                 "frames == [] and texts['subtitle'].endswith(': 0 B, at most 2.46 MiB')");
    profile_free(profile);
}

/* Frames take the colour of time off the processor as far as theirs is. */
Test(flamegraph, on_and_off_the_processor)
{
    struct report_options options = {.metric = METRIC_CPU};

    start();
    fixture_entry(profile, thread, fixture_stack(profile, "main;work"), 100, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;lock;[off-CPU: mutex]"), 80, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;[runnable]"), 20, 0);
    assert_holds(&options, "{f[0]: f[5] for f in frames}['[off-CPU: mutex]'] == 'f mark off'");
    assert_holds(&options, "{f[0]: f[5] for f in frames}['[runnable]'] == 'f mark runnable'");
    assert_holds(&options, "{f[0]: f[5] for f in frames}['lock'] == 'f'");
    char *svg = fixture_output(&report_flamegraph, profile, &options);
    cr_expect_not_null(strstr(svg, "<title>main\n200 ns, 100.00 %, 50 % of it off-CPU"));
    cr_expect_not_null(strstr(svg, "<title>work\n100 ns, 50.00 %\n"));
    cr_expect_not_null(strstr(svg, "off-CPU, and frames as far as they are"));
    cr_expect_null(strstr(svg, "not the program's code"));
    free(svg);
    profile_free(profile);
}

/* Callers follow leaves; a function that is twice in a stack is counted once on each way. */
Test(flamegraph, reversed)
{
    struct report_options options = {.metric = METRIC_CPU, .reverse = true};

    start();
    fixture_entry(profile, thread, fixture_stack(profile, "main;f;f;g"), 60, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;g"), 30, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;f"), 10, 0);
    assert_holds(&options, "[f[0] for f in frames] == "
                           "['all', 'f', 'g', 'main', 'f', 'main', 'f', 'main']");
    assert_holds(&options, "[f[2:5] for f in frames] == [(0, 100, 0), (0, 10, 1), (10, 90, 1), "
                           "(0, 10, 2), (10, 60, 2), (70, 30, 2), (10, 60, 3), (10, 60, 4)]");
    assert_holds(&options,
                 "texts['subtitle'].endswith('; reversed: callers above what they call')");
    options.by_thread = true;
    assert_holds(&options, "[f[0] for f in frames[:4]] == ['all', 't (1)', 'f', 'g']");
    options.by_thread = false;
    fixture_entry(profile, thread, fixture_stack(profile, "main;wait;[off-CPU: mutex]"), 40, 0);
    char *svg = fixture_output(&report_flamegraph, profile, &options);
    cr_expect_not_null(strstr(svg, "<title>[off-CPU: mutex]\n40 ns, 28.57 %, 100 % of it off-CPU"));
    cr_expect_not_null(strstr(svg, "<title>wait\n40 ns, 28.57 %, 100 % of it off-CPU"));
    cr_expect_not_null(strstr(svg, "<title>all\n140 ns, 100.00 %, 29 % of it off-CPU"));
    free(svg);
    profile_free(profile);
}

Test(flamegraph, what_is_narrower_than_asked_is_counted)
{
    struct report_options options = {.metric = METRIC_CPU, .min_width = 12};

    start();
    fixture_entry(profile, thread, fixture_stack(profile, "main;wide"), 979, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;seen"), 11, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;a;b"), 5, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;c"), 5, 0);
    assert_holds(&options, "[f[0] for f in frames] == ['all', 'main', 'seen', 'wide']");
    assert_holds(&options, "texts['subtitle'].endswith('; 3 frames below 12 px left out')");
    options.min_width = 5;
    assert_holds(&options, "len(frames) == 7 and 'left out' not in texts['subtitle']");
    profile_free(profile);
}

Test(flamegraph, colours_by_language)
{
    struct report_options options = {.metric = METRIC_CPU, .color_by = FLAME_BY_LANGUAGE};
    struct frame in_c = {.function = "parse", .file = "/src/parse.c", .module = "/usr/bin/x"};
    struct frame inlined = {.function = "ns::f", .file = "a.cc", .kind = FRAME_INLINED};
    struct frame kernel = {.function = "do_read_[k]", .kind = FRAME_KERNEL};

    start();
    uint32_t stack =
        profile_add_stack(profile, STACK_NONE, profile_add_frame(profile, &in_c), false);
    stack = profile_add_stack(profile, stack, profile_add_frame(profile, &inlined), false);
    fixture_entry(profile, thread, stack, 60, 0);
    stack = profile_add_stack(profile, stack, profile_add_frame(profile, &kernel), false);
    fixture_entry(profile, thread, stack, 40, 0);
    assert_holds(&options, "[f[5] for f in frames] == ['f mark', 'f', 'f pale', 'f kernel']");
    assert_holds(&options,
                 "frames[1][1].split(chr(10))[1:] == ['C', '/src/parse.c', '/usr/bin/x']");
    assert_holds(&options, "frames[3][1].split(chr(10))[1] == 'kernel'");
    char *svg = fixture_output(&report_flamegraph, profile, &options);
    cr_expect_not_null(strstr(svg, "■</tspan> C   <"));
    cr_expect_not_null(strstr(svg, "■</tspan> C++   <"));
    cr_expect_not_null(strstr(svg, "pale</tspan> inlined   "));
    cr_expect_not_null(strstr(svg, "■</tspan> kernel   "));
    cr_expect_null(strstr(svg, "■</tspan> Rust"));
    free(svg);
    profile_free(profile);
}
