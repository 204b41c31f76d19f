/* Unit tests of analyzer/reports/text_cells.c. */
#include "analyzer/reports/text_cells.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static void assert_elided(const char *text, size_t width, const char *expected)
{
    char *elided = cells_elide(text, width);

    cr_assert_str_eq(elided, expected);
    free(elided);
}

static void assert_cell(const char *text, int width, bool color, const char *expected)
{
    char *written;
    size_t size;
    struct cells cells = {.out = open_memstream(&written, &size), .color = color};

    cells_text(&cells, text, width, CELL_HOT);
    fclose(cells.out);
    cr_assert_str_eq(written, expected);
    free(written);
}

static void assert_place(const char *file, uint32_t line, const char *module, const char *expected)
{
    char *place = cells_place(file, line, module);

    cr_assert_str_eq(place, expected);
    free(place);
}

Test(text_cells, the_middle_of_long_text_goes)
{
    assert_elided("short", 5, "short");
    assert_elided("abcdefghij", 7, "abc…hij");
    assert_elided("abcdefghij", 6, "abc…ij");
    assert_elided("äöüßäöüß", 5, "äö…üß");
    assert_elided("a\x1b[31m", 20, "a\xef\xbf\xbd[31m");
}

Test(text_cells, padding)
{
    assert_cell("ab", 4, false, "ab  ");
    assert_cell("ab", -4, false, "  ab");
    assert_cell("ä", 3, false, "ä  ");
    assert_cell("abcdef", 4, false, "ab…f");
}

Test(text_cells, colour_does_not_count_as_width)
{
    assert_cell("ab", 4, true, "\033[1;31mab\033[0m  ");
    assert_cell("ab", -4, true, "  \033[1;31mab\033[0m");
}

static void assert_wrapped(const char *text, size_t used, size_t indent, const char *expected)
{
    char *got = NULL;
    size_t size;
    FILE *out = open_memstream(&got, &size);
    const struct cells cells = {.out = out, .columns = 10};

    cells_wrap(&cells, text, used, indent, CELL_PLAIN);
    fclose(out);
    cr_expect_str_eq(got, expected);
    free(got);
}

Test(text_cells, what_is_kept_together_moves_as_one)
{
    char kept[] = "cd ef", text[32];

    cells_keep_together(kept);
    snprintf(text, sizeof(text), "ab %s gh", kept);
    assert_wrapped(text, 3, 2, "ab\n  cd ef gh\n");
}

Test(text_cells, wrapping)
{
    assert_wrapped("äbc def gh", 0, 2, "äbc def gh\n");
    assert_wrapped("äbc def gh", 1, 2, "äbc def\n  gh\n");
    assert_wrapped("ab cd ef gh ij", 0, 5, "ab cd ef\n     gh ij\n");
    assert_wrapped("a-very-long-word and more", 3, 2, "a-very-long-word\n  and more\n");
    assert_wrapped("", 0, 2, "\n");
}

/* "12", and the line after it begins "% of", reads as two things. */
Test(text_cells, a_number_stays_with_its_unit)
{
    assert_wrapped("abcdef 12 % of", 0, 2, "abcdef\n  12 % of\n");
    assert_wrapped("abcdef 12 MiB, or", 0, 2, "abcdef\n  12 MiB,\n  or\n");
    assert_wrapped("abcdef 12 more", 0, 2, "abcdef 12\n  more\n");
    assert_wrapped("abcdefgh s and", 0, 2, "abcdefgh s\n  and\n");
    assert_wrapped("abcdefg a s", 0, 2, "abcdefg a\n  s\n");
    assert_wrapped("abcdefgh 5 s", 0, 2, "abcdefgh\n  5 s\n");
    assert_wrapped("12345678901 % of", 0, 2, "12345678901 %\n  of\n");
}

static void assert_bar(bool blocks, int64_t part, int64_t whole, const char *expected)
{
    char *got = NULL;
    size_t size;
    FILE *out = open_memstream(&got, &size);
    const struct cells cells = {.out = out, .columns = 80, .blocks = blocks};

    cells_bar(&cells, part, whole, 8, CELL_PLAIN);
    fclose(out);
    cr_expect_str_eq(got, expected, "'%s'", got);
    free(got);
}

Test(text_cells, bars)
{
    assert_bar(false, 100, 100, "########");
    assert_bar(false, 50, 100, "####    ");
    assert_bar(false, 1, 1000, "#       ");
    assert_bar(true, 100, 100, "████████");
    assert_bar(true, 50, 100, "████    ");
    assert_bar(true, 53, 100, "████▎   ");
    assert_bar(true, 1, 1000, "▏       ");
    for (int blocks = 0; blocks < 2; blocks++) {
        assert_bar(blocks, 0, 100, "        ");
        assert_bar(blocks, -5, 100, "        ");
        assert_bar(blocks, 5, 0, "        ");
    }
    assert_bar(false, INT64_MAX, 1, "########");
}

Test(text_cells, blanks_at_the_end_of_a_line_go)
{
    assert_wrapped("ab cd ef   gh", 0, 2, "ab cd ef\n  gh\n");
    assert_wrapped("ab   cd", 0, 2, "ab   cd\n");
}

Test(text_cells, places)
{
    assert_place("/src/a/b.c", 12, "/lib/x.so", "b.c:12");
    assert_place("b.c", 0, NULL, "b.c");
    assert_place(NULL, 0, "/lib/libc.so.6", "[libc.so.6]");
    assert_place(NULL, 0, "[vdso]", "[vdso]");
    assert_place(NULL, 0, NULL, "-");
}
