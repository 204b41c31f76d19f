/* Unit tests of analyzer/reports/source_region.c. */
#include "analyzer/reports/source_region.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct source_region region;

static void stop(void)
{
    source_region_release(&region);
}

TestSuite(source_region, .fini = stop);

/* The lines shown, as "3-7 9". */
static void assert_shown(const char *expected)
{
    char text[512] = "";
    size_t size = 0;

    for (size_t i = 0; i < region.count;) {
        size_t end = i;
        while (end + 1 < region.count && region.lines[end + 1] == region.lines[end] + 1)
            end++;
        size += (size_t)snprintf(text + size, sizeof(text) - size, end > i ? "%s%u-%u" : "%s%u",
                                 i > 0 ? " " : "", region.lines[i], region.lines[end]);
        i = end + 1;
    }
    cr_assert_str_eq(text, expected, "'%s'", text);
}

Test(source_region, costly_lines_with_what_is_around_them)
{
    const struct source_line lines[] = {
        {"f", 2, 5, 5}, {"f", 20, 5, 5}, {"f", 25, 0, 9}, {"f", 99, 1, 1}};

    source_region_init(&region, lines, 4, 40, 0, 100);
    assert_shown("1-5 17-28 96-100");
    cr_assert_eq(region.costly, 4);
    cr_assert_eq(region.costly_shown, 4);
}

Test(source_region, the_costliest_when_there_are_too_many)
{
    const struct source_line lines[] = {{"f", 10, 5, 5}, {"f", 30, 1, 1}, {"f", 50, 0, 9}};

    source_region_init(&region, lines, 3, 2, 0, 100);
    assert_shown("7-13 47-53");
    cr_assert_eq(region.costly, 3);
    cr_assert_eq(region.costly_shown, 2);
}

Test(source_region, a_short_function_is_shown_whole)
{
    const struct source_line lines[] = {{"f", 30, 5, 5}, {"f", 60, 1, 1}};

    source_region_init(&region, lines, 2, 40, 10, 100);
    assert_shown("10-63");
    source_region_release(&region);
    source_region_init(&region, lines, 2, 40, 1, 100);
    assert_shown("1-63");
}

Test(source_region, a_long_one_is_not)
{
    const struct source_line lines[] = {{"f", 30, 5, 5}, {"f", 90, 1, 1}};

    source_region_init(&region, lines, 2, 40, 10, 100);
    assert_shown("27-33 87-93");
}

Test(source_region, without_text_only_lines_that_cost)
{
    const struct source_line lines[] = {
        {"f", 3, 5, 5}, {"f", 4, 0, 0}, {"f", 9, 1, 1}, {"f", UINT32_MAX, 1, 1}};

    source_region_init(&region, lines, 4, 40, 1, 0);
    assert_shown("3 9 4294967295");
    cr_assert_eq(region.costly, 3);
}

/* Of another version of the file. */
Test(source_region, lines_beyond_the_end)
{
    const struct source_line lines[] = {{"f", 3, 5, 5}, {"f", 90, 1, 1}};

    source_region_init(&region, lines, 2, 40, 0, 5);
    assert_shown("1-5 90");
}

Test(source_region, nothing)
{
    source_region_init(&region, NULL, 0, 40, 5, 100);
    cr_assert_eq(region.count, 0);
}
