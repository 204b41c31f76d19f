/* Unit tests of analyzer/util/strings.c. */
#include "analyzer/util/strings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(strings, equal_text_is_the_same_pointer)
{
    struct strings *table = strings_new();
    char text[32];
    const char *first[5000];

    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "name %d", i);
        first[i] = strings_intern(table, text);
        cr_assert_str_eq(first[i], text);
    }
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "name %d", i);
        cr_assert_eq(strings_intern(table, text), first[i]);
    }
    strings_free(table);
}

Test(strings, bytes_end_at_size_or_nul)
{
    struct strings *table = strings_new();
    const char *abc = strings_intern(table, "abc");

    cr_assert_eq(strings_intern_bytes(table, "abcdef", 3), abc);
    cr_assert_eq(strings_intern_bytes(table, "abc\0def", 7), abc);
    cr_assert_eq(strings_intern_bytes(table, "", 0), strings_intern(table, ""));
    cr_assert_neq(strings_intern_bytes(table, "abcd", 4), abc);
    strings_free(table);
}

Test(strings, null_stays_null)
{
    struct strings *table = strings_new();

    cr_assert_null(strings_intern(table, NULL));
    strings_free(table);
    strings_free(NULL);
}
