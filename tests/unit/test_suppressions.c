/* Unit tests of analyzer/model/suppressions.c. What patterns mean was found out by running
 * LeakSanitizer with them (gcc 12); tests/commands/leaks.bats runs it again. */
#include "analyzer/model/suppressions.h"
#include "tests/unit/profile_fixture.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>

static struct suppressions suppressions;
static struct problem problem;

static int read_text(const char *text)
{
    scratch_write("suppressions", text);
    return suppressions_read(&suppressions, "suppressions", &problem);
}

static void stop(void)
{
    suppressions_release(&suppressions);
    scratch_release();
}

Test(suppressions, patterns_mean_what_they_mean_to_leak_sanitizer)
{
    static const struct {
        const char *pattern, *text;
        bool found;
    } cases[] = {
        {"beta", "alpha_beta_gamma", true},
        {"alpha*gamma", "alpha_beta_gamma", true},
        {"beta*alpha", "alpha_beta_gamma", false},
        {"^alpha*g", "alpha_beta_gamma", true},
        {"^beta", "alpha_beta_gamma", false},
        {"^*beta", "alpha_beta_gamma", true},
        {"gamma$", "alpha_beta_gamma", true},
        {"alpha$", "alpha_beta_gamma", false},
        {"alpha*$", "alpha_beta_gamma", true},
        {"alpha*gam$", "alpha_beta_gamma", false},
        {"al^pha", "alpha", false},
        {"foofoo$", "foofoo", true},
        {"foo$", "foofoo", false}, /* the first place it is found at counts */
        {"^foo", "foofoo", true},
        {"^oofoo", "foofoo", false},
        {"*", "x", true},
        {"", "x", true},
        {"*", "", false},
        {"", "", false},
        {"$", "x", false},
        {"a$b", "a", true},
        {"  x", "x", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_expect_eq(suppression_matches(cases[i].pattern, cases[i].text), cases[i].found,
                     "'%s' in '%s'", cases[i].pattern, cases[i].text);
    cr_expect_not(suppression_matches("*", NULL));
}

Test(suppressions, other_sanitizers_lines_are_passed_over_damaged_ones_told, .init = scratch_init,
     .fini = stop)
{
    cr_assert_eq(read_text("# known\n"
                           "\n"
                           "  leak:one  \r\n"
                           "race:ignored\nvptr:ignored\nodr_violation:ignored\n"
                           "leek:typo\n"
                           "no colon\n"
                           "leak:^two*$\n"
                           "leak:three:four"),
                 0);
    cr_assert_eq(suppressions.count, 3);
    cr_expect_str_eq(suppressions.rules[0].pattern, "one");
    cr_expect_eq(suppressions.rules[0].line, 3);
    cr_expect_str_eq(suppressions.rules[1].pattern, "^two*$");
    cr_expect_str_eq(suppressions.rules[2].pattern, "three:four");
    cr_expect_eq(suppressions.rules[2].line, 10);
    cr_assert_eq(suppressions.complaint_count, 2);
    cr_expect(strstr(suppressions.complaints[0], "line 7 of suppressions '") != NULL);
    cr_expect(strstr(suppressions.complaints[0], "'leek:typo': allowed: leak:PATTERN") != NULL);
    cr_expect(strstr(suppressions.complaints[1], "line 8") != NULL);
}

Test(suppressions, a_file_that_is_not_there_is_a_problem)
{
    cr_expect_eq(suppressions_read(&suppressions, "/does/not/exist", &problem), PROBLEM_SYSTEM);
    cr_expect_str_eq(problem.text, "cannot read suppressions '/does/not/exist': No such file or "
                                   "directory");
}

Test(suppressions, any_frame_counts_by_function_file_or_module, .init = scratch_init, .fini = stop)
{
    struct profile *profile = profile_new();
    struct frame with_file = {.function = strings_intern(profile->strings, "leaf"),
                              .file = strings_intern(profile->strings, "/src/a/leaf.c"),
                              .module = strings_intern(profile->strings, "/usr/lib/libx.so.1")};
    uint32_t stack = fixture_stack(profile, "main;[profinject]");

    stack = profile_add_stack(profile, stack, profile_add_frame(profile, &with_file), false);
    cr_assert_eq(read_text("leak:nothing\nleak:profinject\n"), 0);
    cr_expect_eq(suppressions_find(&suppressions, profile, stack), SUPPRESSION_NONE);
    suppressions_release(&suppressions);
    cr_assert_eq(read_text("leak:^main$\nleak:a/leaf.c\nleak:libx.so\n"), 0);
    cr_expect_eq(suppressions_find(&suppressions, profile, stack), 2, "a frame's module is first");
    cr_expect_eq(suppressions_find(&suppressions, profile, STACK_NONE), SUPPRESSION_NONE);
    profile_free(profile);
}

Test(suppressions, a_pattern_of_nothing_is_no_pattern, .init = scratch_init, .fini = stop)
{
    cr_assert_eq(read_text("leak:\nleak:  \nleak:^\nleak:one\n"), 0);
    cr_assert_eq(suppressions.count, 1);
    cr_assert_str_eq(suppressions.rules[0].pattern, "one");
    cr_assert_eq(suppressions.complaint_count, 3);
}
