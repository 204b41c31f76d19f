/* Options that getopt refuses are named as the user wrote them. */
#include "analyzer/commands/command.h"

#include <criterion/criterion.h>
#include <getopt.h>
#include <stdint.h>

static const char *refusal(const char *first, const char *second)
{
    static struct problem problem;
    static const struct option options[] = {
        {"flag", no_argument, NULL, 'f'}, {"value", required_argument, NULL, 'v'}, {0}};
    char *argv[] = {"x", (char *)(uintptr_t)first, (char *)(uintptr_t)second, NULL};
    int result;

    optind = 0;
    opterr = 0;
    while ((result = getopt_long(second != NULL ? 3 : 2, argv, ":fv:", options, NULL)) != '?' &&
           result != ':')
        cr_assert_neq(result, -1);
    command_bad_option("x", result, argv, &problem);
    cr_assert_eq(problem.code, PROBLEM_USAGE);
    return problem.text;
}

Test(command, refused_options)
{
    cr_assert_str_eq(refusal("--other", NULL),
                     "unknown option '--other': see 'profinject x --help'");
    cr_assert_str_eq(refusal("-f", "-o"), "unknown option '-o': see 'profinject x --help'");
    cr_assert_str_eq(refusal("-fo", NULL), "unknown option '-o': see 'profinject x --help'");
    cr_assert_str_eq(refusal("--flag=1", NULL),
                     "option '--flag=1' takes no value: see 'profinject x --help'");
    cr_assert_str_eq(refusal("--value", NULL),
                     "option '--value' needs a value: see 'profinject x --help'");
    cr_assert_str_eq(refusal("-v", NULL), "option '-v' needs a value: see 'profinject x --help'");
}
