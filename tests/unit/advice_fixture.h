/*
 * What is recommended of a made-up profile, for tests of rules: one question, asked alike.
 */
#ifndef PROFINJECT_TESTS_ADVICE_FIXTURE_H
#define PROFINJECT_TESTS_ADVICE_FIXTURE_H

#include "analyzer/insight/recommendations.h"
#include "tests/unit/waits_fixture.h"

#include <criterion/criterion.h>

/* The finding of that rule has `text`, NULL: the rule finds nothing; returns its stack. Whatever is
 * recommended has figures, a share and words about what to do. */
static inline uint32_t advice_expect(const struct profile *profile,
                                     const struct relations *relations, const char *rule,
                                     const char *text)
{
    struct recommendations all;
    const struct recommendation *found = NULL;

    recommendations_init(&all, profile, relations);
    for (size_t i = 0; i < all.count; i++) {
        cr_expect_not_null(all.items[i].finding);
        cr_expect_gt(strlen(all.items[i].advice), 10);
        cr_expect(all.items[i].share >= 0 && all.items[i].share <= 1, "%s", all.items[i].rule);
        cr_expect_not_null(strpbrk(all.items[i].finding, "0123456789"), "no figure: %s",
                           all.items[i].finding);
        if (strcmp(all.items[i].rule, rule) == 0)
            found = &all.items[i];
    }
    if (text == NULL)
        cr_expect_null(found, "%s: %s", rule, found != NULL ? found->finding : "");
    else
        cr_expect(found != NULL && strstr(found->finding, text) != NULL, "%s: '%s' is not in '%s'",
                  rule, text, found != NULL ? found->finding : "nothing");
    uint32_t stack = found != NULL ? found->stack : STACK_NONE;
    recommendations_release(&all);
    return stack;
}

#endif
