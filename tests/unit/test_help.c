/* Lines of --help: meanings beside their options, in 80 columns. */
#include "analyzer/commands/help.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>

TestSuite(help, .init = scratch_init, .fini = scratch_release);

/* What a line looks like: it goes to stdout. */
static const char *written(char letter, const char *name, const char *metavar, const char *meaning,
                           const char *note)
{
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    FILE *to = freopen("out", "w", stdout);

    cr_assert_not_null(to);
    help_option(letter, name, metavar, meaning, note);
    fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    return scratch_read("out");
}

Test(help, an_option_beside_its_meaning)
{
    cr_assert_str_eq(written('o', "output", "FILE", "where to", NULL),
                     "  -o, --output FILE        where to\n");
    cr_assert_str_eq(written('\0', "all", NULL, "every section", "ALL=off"),
                     "      --all                every section\n"
                     "                           [ALL=off]\n");
}

Test(help, long_ones_are_wrapped)
{
    cr_assert_str_eq(
        written('\0', "an-option-of-length", "BYTES",
                "0123456789 123456789 123456789 123456789 123456789 12 4", NULL),
        "      --an-option-of-length BYTES\n"
        "                           0123456789 123456789 123456789 123456789 123456789 12\n"
        "                           4\n");
    cr_assert_str_eq(
        written('\0', "x", NULL,
                "a-word-that-no-line-of-eighty-columns-can-hold-beside-its-option-alone b", NULL),
        "      --x                  "
        "a-word-that-no-line-of-eighty-columns-can-hold-beside-its-option-alone\n"
        "                           b\n");
}
