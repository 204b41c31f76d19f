/* Lines of perf maps, in whatever pieces. */
#include "analyzer/symbols/perf_map.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct jit_code *code;
static struct perf_map map;

static void start(void)
{
    code = jit_code_new();
    perf_map_init(&map, code);
}

static void stop(void)
{
    perf_map_release(&map);
    jit_code_free(code);
}

static void feed(const char *text, uint64_t since_ns, uint64_t last_ns)
{
    perf_map_feed(&map, text, strlen(text), since_ns, last_ns);
}

static const char *name_at(uint64_t pc, uint64_t time_ns)
{
    struct jit_owner owner;

    return jit_code_find(code, pc, time_ns, &owner) ? jit_code_name(code, owner.entry) : "";
}

TestSuite(perf_map, .init = start, .fini = stop);

Test(perf_map, lines_as_runtimes_write_them)
{
    feed("7f2f20006480 29c JS:*hot /tmp/b.js:2:13\n"
         "0x00007f0000000000 0x20 long Hot.hot()\r\n"
         "ABC0 10   py::f:/a b.py  \n",
         0, 5);
    cr_assert_str_eq(name_at(0x7f2f20006480, 9), "JS:*hot /tmp/b.js:2:13");
    cr_assert_str_eq(name_at(0x7f000000001f, 9), "long Hot.hot()");
    cr_assert_str_eq(name_at(0xabc0, 9), "py::f:/a b.py");
    cr_assert_eq(map.names, 3);
    cr_assert_eq(map.unreadable, 0);
}

Test(perf_map, what_is_no_line_is_counted)
{
    static const char *const wrong[] = {"f\n",       "10\n",        "10 20\n",
                                        "10 20 \n",  "x 20 f\n",    "10 0 f\n",
                                        "10 -1 f\n", " 10 20 f\n",  "ffffffffffffffff 20 f\n",
                                        "0x 20 f\n", "10\t20\tf\n", "12345678901234567 1 f\n"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        feed(wrong[i], 0, 1);
        cr_assert_eq(map.unreadable, i + 1, "'%s'", wrong[i]);
    }
    perf_map_feed(&map, "10 20 a\0b\n", 10, 0, 1);
    cr_assert_eq(map.names, 0);
    feed("\n# a remark\n", 0, 1);
    cr_assert_eq(map.unreadable, sizeof(wrong) / sizeof(wrong[0]) + 1);
}

Test(perf_map, a_line_may_come_in_any_pieces)
{
    const char text[] = "1000 10 first name\n2000 10 second\n";

    for (size_t cut = 0; cut < sizeof(text); cut++) {
        stop();
        start();
        perf_map_feed(&map, text, cut, 0, 1);
        perf_map_feed(&map, text + cut, sizeof(text) - 1 - cut, 0, 1);
        cr_assert_eq(map.names, 2);
        cr_assert_str_eq(name_at(0x1000, 1), "first name");
        cr_assert_str_eq(name_at(0x2000, 1), "second");
    }
}

Test(perf_map, the_last_line_is_of_its_time_and_those_before_it_of_the_look_before)
{
    feed("1000 10 f\n", 0, 100);
    feed("1000 10 g\n1000 10 h\n", 200, 300);
    cr_assert_str_eq(name_at(0x1000, 50), "f");
    cr_assert_str_eq(name_at(0x1000, 199), "f");
    cr_assert_str_eq(name_at(0x1000, 200), "g");
    cr_assert_str_eq(name_at(0x1000, 299), "g");
    cr_assert_str_eq(name_at(0x1000, 300), "h");
}

Test(perf_map, a_line_without_an_end_is_none)
{
    feed("1000 10 whole\n2000 10 cut of", 0, 1);
    cr_assert_str_eq(name_at(0x2000, 1), "");
    cr_assert_eq(map.names, 1);
}

Test(perf_map, behind_a_gap_the_next_line_counts)
{
    feed("1000 10 begi", 0, 1);
    perf_map_break(&map, true);
    feed("0 20 the end of another\n2000 10 next\n", 0, 1);
    cr_assert_str_eq(name_at(0x1000, 1), "");
    cr_assert_str_eq(name_at(0x2000, 1), "next");
    cr_assert_eq(map.names, 1);
}

Test(perf_map, a_line_too_long_is_passed_over)
{
    char *piece = malloc(PERF_MAP_LINE);

    memset(piece, 'x', PERF_MAP_LINE);
    feed("1000 10 ", 0, 1);
    for (int i = 0; i < 3; i++)
        perf_map_feed(&map, piece, PERF_MAP_LINE, 0, 1);
    feed("\n2000 10 next\n", 0, 1);
    cr_assert_eq(map.unreadable, 1);
    cr_assert_str_eq(name_at(0x2000, 1), "next");
    free(piece);
}
