/* Unit tests of analyzer/load/time_window.c. */
#include "analyzer/load/time_window.h"

#include <criterion/criterion.h>
#include <math.h>

static struct time_window window_of(const char *text, uint64_t start_ns)
{
    struct time_span span = {0};
    struct problem problem = {0};

    cr_assert_eq(time_span_parse(&span, text, &problem), 0, "%s", text);
    cr_assert(time_span_given(&span));
    return time_window_of(&span, start_ns);
}

static void expect(const char *text, uint64_t from_ns, uint64_t to_ns)
{
    struct time_window window = window_of(text, 1000000000);

    cr_expect_eq(window.from_ns, from_ns, "%s", text);
    cr_expect_eq(window.to_ns, to_ns, "%s", text);
}

Test(time_window, seconds_from_the_start)
{
    expect("1:2.5", 2000000000, 3500000000);
    expect("0.000000001:.5", 1000000001, 1500000000);
    expect(":2", 0, 3000000000);
    expect("0:2", 0, 3000000000);
    expect("3:", 4000000000, UINT64_MAX);
    expect("1:1e300", 2000000000, UINT64_MAX);
}

Test(time_window, what_is_none)
{
    static const char *const bad[] = {"",     ":",     "3",    "5:3",  "3:3",
                                      "a:b",  "1:2:3", "1:x",  "x:2",  "-1:2",
                                      "1:-2", "1:nan", "inf:", "1 :2", "1:2 "};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct time_span span = {0};
        struct problem problem = {0};
        cr_expect_eq(time_span_parse(&span, bad[i], &problem), PROBLEM_USAGE, "'%s'", bad[i]);
    }
}

Test(time_window, nothing_asked_for_is_everything)
{
    struct time_span span = {0};
    struct time_window window = time_window_of(&span, 5);

    cr_expect_not(time_span_given(&span));
    cr_expect(time_window_whole(&window));
    cr_expect(time_window_holds(&window, 0));
    cr_expect(time_window_holds(&window, UINT64_MAX - 1));
}

Test(time_window, ends_are_outside_beginnings_inside)
{
    struct time_window window = {100, 200};

    cr_expect_not(time_window_holds(&window, 99));
    cr_expect(time_window_holds(&window, 100));
    cr_expect(time_window_holds(&window, 199));
    cr_expect_not(time_window_holds(&window, 200));
}

Test(time_window, a_stretch_counts_as_far_as_it_lies_inside)
{
    struct time_window window = {100, 200};

    cr_expect_eq(time_window_overlap(&window, 150, 20), 20);
    cr_expect_eq(time_window_overlap(&window, 110, 50), 10);
    cr_expect_eq(time_window_overlap(&window, 250, 100), 50);
    cr_expect_eq(time_window_overlap(&window, 300, 1000), 100);
    cr_expect_eq(time_window_overlap(&window, 100, 50), 0);
    cr_expect_eq(time_window_overlap(&window, 260, 50), 0);
}
