/* Unit tests of preload/resources/number_text.c. */
#include "preload/resources/number_text.h"

#include <criterion/criterion.h>
#include <string.h>

Test(number_text, numbers_follow_each_other)
{
    const char *at = "  12\t0 18446744073709551615 99999999999999999999 x";
    uint64_t value;
    cr_assert(number_text_next(&at, &value));
    cr_expect_eq(value, 12);
    cr_assert(number_text_next(&at, &value));
    cr_expect_eq(value, 0);
    cr_assert(number_text_next(&at, &value));
    cr_expect_eq(value, UINT64_MAX);
    cr_assert(number_text_next(&at, &value));
    cr_expect_eq(value, UINT64_MAX, "what is too large is the largest");
    cr_expect_not(number_text_next(&at, &value));
    cr_expect_str_eq(at, "x");
}

Test(number_text, a_line_is_not_left)
{
    const char *at = "\n5";
    uint64_t value;
    cr_expect_not(number_text_next(&at, &value));
}

Test(number_text, decimals)
{
    static const struct {
        const char *text, *rest;
        unsigned digits;
        int64_t value;
    } cases[] = {
        {"2596.120", "", 3, 2596120},
        {"1.5 7", " 7", 3, 1500},
        {"0.019", "", 2, 1},
        {"-7.25", "", 1, -72},
        {"3.", "", 2, 300},
        {"4", "", 0, 4},
        {"5.9", "", 0, 5},
        {"99999999999999999999", "", 0, INT64_MAX},
        {"-99999999999999999999", "", 3, INT64_MIN},
        {"9223372036854775807", "", 2, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *at = cases[i].text;
        int64_t value;
        cr_assert(number_text_decimal(&at, cases[i].digits, &value), "%s", cases[i].text);
        cr_expect_eq(value, cases[i].value, "%s", cases[i].text);
        cr_expect_str_eq(at, cases[i].rest);
    }
}

Test(number_text, a_whole_text_is_one_number)
{
    int64_t value;
    cr_expect(number_text_whole(" 71000\n", &value) && value == 71000);
    cr_expect(number_text_whole("-1\n", &value) && value == -1);
    const char *const wrong[] = {"", "\n", "N/A", "1 2", "1x", "- 1", "--1", "0x10", "<unknown>"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_not(number_text_whole(wrong[i], &value), "'%s'", wrong[i]);
}

Test(number_text, lines_and_words)
{
    const char *text = "one two\nthree\n", *at = text;
    cr_expect_eq(number_text_word(&at), 3);
    at += 3;
    cr_expect_eq(number_text_word(&at), 3);
    cr_expect_eq(strncmp(at, "two", 3), 0);
    at += 3;
    cr_expect_eq(number_text_word(&at), 0, "the end of the line");
    const char *second = number_text_line(text);
    cr_expect_str_eq(second, "three\n");
    cr_expect_null(number_text_line(second));
    cr_expect_str_eq(number_text_after("cpu0 1", "cpu"), "0 1");
    cr_expect_null(number_text_after("cp", "cpu"));
}
