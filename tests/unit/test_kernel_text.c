/* Unit tests of preload/contract/kernel_text.c. */
#include "preload/contract/kernel_text.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>

TestSuite(kernel_text, .init = scratch_init, .fini = scratch_release);

Test(kernel_text, as_much_as_there_is_room_for)
{
    char text[6];

    scratch_write("file", "abcdefgh");
    cr_assert(kernel_text_read("file", text, sizeof(text)));
    cr_expect_str_eq(text, "abcde");
}

Test(kernel_text, nothing_is_an_empty_text)
{
    char text[6] = "left";

    scratch_write("empty", "");
    cr_expect_not(kernel_text_read("empty", text, sizeof(text)));
    cr_expect_str_eq(text, "");
    text[0] = 'x';
    cr_expect_not(kernel_text_read("not there", text, sizeof(text)));
    cr_expect_str_eq(text, "");
}
