/* Unit tests of analyzer/util/utf8.c, after RFC 3629. */
#include "analyzer/util/utf8.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void assert_clean(const char *text, const char *expected)
{
    char *clean = utf8_clean(text);

    cr_assert_str_eq(clean, expected);
    free(clean);
}

Test(utf8, sound_text_passes)
{
    assert_clean("", "");
    assert_clean("plain", "plain");
    assert_clean("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x94\xa5",
                 "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x94\xa5");
}

Test(utf8, bad_bytes_become_replacements)
{
    assert_clean("a\xff"
                 "b",
                 "a\xef\xbf\xbd"
                 "b");
    assert_clean("\xc3", "\xef\xbf\xbd");
    assert_clean("\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd");
    assert_clean("\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd");                 /* overlong */
    assert_clean("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* surrogate */
    assert_clean("\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

Test(utf8, control_characters_become_replacements)
{
    assert_clean("a\nb", "a\xef\xbf\xbd"
                         "b");
    assert_clean("\x1b[31m", "\xef\xbf\xbd[31m");
    assert_clean("\x7f", "\xef\xbf\xbd");
    assert_clean("\xc2\x85", "\xef\xbf\xbd");     /* NEL */
    assert_clean("\xe2\x80\xae", "\xef\xbf\xbd"); /* right-to-left override */
    assert_clean("\xef\xbf\xbf", "\xef\xbf\xbd"); /* U+FFFF */
}

Test(utf8, every_code_point_survives_a_round_trip)
{
    for (uint32_t code = 1; code <= 0x10FFFF; code++) {
        char text[UTF8_MAX + 1] = {0};
        const char *at = text;
        if (code == 0xD800)
            code = 0xE000;
        size_t size = utf8_put(text, code);
        cr_assert_eq(utf8_next(&at), code);
        cr_assert_eq((size_t)(at - text), size);
    }
}

Test(utf8, lengths_and_prefixes_count_code_points)
{
    cr_assert_eq(utf8_length("\xe2\x82\xac"
                             "uro"),
                 4);
    cr_assert_eq(utf8_prefix("\xe2\x82\xac"
                             "uro",
                             2),
                 4);
    cr_assert_eq(utf8_prefix("ab", 10), 2);
}
