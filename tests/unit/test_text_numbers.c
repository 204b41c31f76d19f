/* Unit tests of analyzer/reports/text_numbers.c. */
#include "analyzer/reports/text_numbers.h"

#include <criterion/criterion.h>

Test(text_numbers, equal_texts_have_one_number)
{
    struct text_numbers texts;
    const char first[] = "f(int)";
    const char second[] = "f(int)";

    text_numbers_init(&texts);
    cr_assert_eq(text_numbers_copy(&texts, ""), 0);
    cr_assert_eq(text_numbers_of(&texts, first), 1);
    cr_assert_eq(text_numbers_of(&texts, second), 1);
    cr_assert_eq(text_numbers_of(&texts, first), 1);
    cr_assert_eq(text_numbers_copy(&texts, "g"), 2);
    cr_assert_eq(texts.count, 3);
    cr_assert_str_eq(texts.items[1], "f(int)");
    text_numbers_release(&texts);
}

Test(text_numbers, texts_are_fit_to_write)
{
    struct text_numbers texts;

    text_numbers_init(&texts);
    text_numbers_copy(&texts, "a\nb\xff\x1b[0m");
    cr_assert_str_eq(texts.items[0], "a\xef\xbf\xbd"
                                     "b\xef\xbf\xbd\xef\xbf\xbd[0m");
    text_numbers_release(&texts);
}
