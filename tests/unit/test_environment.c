/* What a started program is given, and what it sees of it. One test, because what is
 * handed down is remembered once per process. */
#include "preload/environment.h"

#include <criterion/criterion.h>
#include <string.h>

static bool has(char *const *environment, const char *entry)
{
    for (; *environment; environment++)
        if (strcmp(*environment, entry) == 0)
            return true;
    return false;
}

static size_t count(char *const *environment)
{
    size_t n = 0;
    while (environment[n])
        n++;
    return n;
}

static char given[] = "LD_PRELOAD=/x/libprofinject.so", recording[] = "PROFINJECT_RECORDING=/r";
static char rate[] = "PROFINJECT_FREQUENCY=97";

Test(environment, completes_what_is_missing_and_the_mark_undoes_it)
{
    char *first[] = {given, recording, rate, NULL}, *own[] = {"A=1", "LD_PRELOAD=o.so", NULL};
    struct environment_need need;

    environment_take(first, true);
    cr_assert_eq(count(first), 3, "the first program keeps what the user gave it");
    cr_assert_not(environment_lacks(first, &need));
    {
        ENVIRONMENT_COMPLETED(completed, own);
        cr_assert(has(completed, "A=1") && has(completed, "PROFINJECT_RECORDING=/r"));
        cr_assert(has(completed, "PROFINJECT_FREQUENCY=97"));
        cr_assert(has(completed, "LD_PRELOAD=/x/libprofinject.so:o.so"));
        environment_take((char **)completed, true);
        cr_assert(has(completed, "A=1") && has(completed, "LD_PRELOAD=o.so"));
        cr_assert_eq(count(completed), 2);
    }
    cr_assert(environment_lacks(own, &need), "and it hands it on");
    {
        ENVIRONMENT_COMPLETED(completed, NULL);
        cr_assert(has(completed, "LD_PRELOAD=/x/libprofinject.so"));
        environment_take((char **)completed, true);
        cr_assert_eq(count(completed), 0);
    }
}

Test(environment, nothing_is_added_when_children_are_not_followed)
{
    char *first[] = {given, recording, NULL};
    struct environment_need need;

    environment_take(first, false);
    cr_assert_not(environment_lacks(NULL, &need));
}
