/* Unit tests of analyzer/model/function_match.c. */
#include "analyzer/model/function_match.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static struct labels labels;

static void start(void)
{
    profile = profile_new();
    fixture_stack(profile, "main;dict::rehash(int);siphash;siphash_update");
    fixture_stack(profile, "__libc_start_main;std::vector<rehash>::push(main);operator++(int)");
    fixture_stack(profile, "[truncated];copy.constprop.0;twice;caf\xc3\xa9");
    struct frame other = {.function = strings_intern(profile->strings, "twice"), .file = "b.c"};
    profile_add_frame(profile, &other);
    labels_init(&labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
}

static void stop(void)
{
    labels_release(&labels);
    profile_free(profile);
}

TestSuite(function_match, .init = start, .fini = stop);

/* The names found, by '|'. */
static void assert_found(const char *pattern, const char *expected)
{
    struct function_match match;
    char text[512] = "";

    function_match_init(&match, &labels, pattern);
    for (size_t i = 0; i < match.count; i++) {
        strcat(text, i > 0 ? "|" : "");
        strcat(text, labels.items[match.found[i]].name);
    }
    cr_assert_str_eq(text, expected, "'%s' finds '%s'", pattern, text);
    function_match_release(&match);
}

Test(function_match, a_whole_name_goes_before_parts_of_others)
{
    assert_found("main", "main");
    assert_found("siphash", "siphash");
    assert_found("dict::rehash(int)", "dict::rehash(int)");
    assert_found("[truncated]", "[truncated]");
}

Test(function_match, a_name_needs_neither_scope_nor_parameters)
{
    assert_found("rehash", "dict::rehash(int)");
    assert_found("push", "std::vector<rehash>::push(main)");
    assert_found("copy", "copy.constprop.0");
}

/* 100 000 names, all found: 5 s where each was looked for among those before it. */
Test(function_match, an_expression_for_all_and_an_empty_text, .timeout = 60)
{
    const size_t before = labels.count;
    struct function_match match;

    labels_release(&labels);
    for (int i = 0; i < 100000; i++) {
        char *name = memory_printf("f%d", i);
        fixture_frame(profile, name);
        free(name);
    }
    labels_init(&labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    cr_assert_eq(labels.count, before + 100000);
    function_match_init(&match, &labels, "^f[0-9]");
    cr_expect_eq(match.count, 100000);
    function_match_release(&match);
    assert_found("", "");
}

Test(function_match, parts_and_expressions)
{
    assert_found("siph", "siphash|siphash_update");
    assert_found("_update", "siphash_update");
    assert_found("^siphash_", "siphash_update");
    assert_found("^(main|twice)$", "main|twice");
    assert_found("operator++", "operator++(int)");
    assert_found("caf", "caf\xc3\xa9");
    assert_found("trunc", "");
    assert_found("(", "dict::rehash(int)|std::vector<rehash>::push(main)|operator++(int)");
    assert_found("nobody", "");
    assert_found("nobody(", "");
}

Test(function_match, functions_of_one_name_are_one)
{
    struct function_match match;
    size_t in = 0;

    function_match_init(&match, &labels, "twice");
    cr_assert_eq(match.count, 1);
    for (size_t i = 0; i < labels.count; i++)
        in += match.is_in[i];
    cr_assert_eq(in, 2);
    function_match_release(&match);
}
