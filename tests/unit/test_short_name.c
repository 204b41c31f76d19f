/* Unit tests of analyzer/reports/short_name.c. */
#include "analyzer/reports/short_name.h"

#include "analyzer/util/utf8.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void assert_short(const char *name, size_t width, const char *expected)
{
    char *text = short_name(name, width);

    cr_assert_str_eq(text, expected);
    free(text);
}

Test(short_name, what_fits_stays)
{
    assert_short("f(int, char)", 12, "f(int, char)");
}

Test(short_name, parameters_go_before_template_arguments)
{
    assert_short("a::f<int>(std::map<int, int> const&)", 20, "a::f<int>(…)");
    assert_short("a::vector<std::pair<int, int> >::f(int) const", 25, "a::vector<…>::f(…) const");
}

Test(short_name, brackets_that_are_no_groups)
{
    assert_short("operator<<(std::ostream&, int)", 20, "operator<<(…)");
    assert_short("a::operator()(std::ostream&) const", 24, "a::operator()(…) const");
    assert_short("p::operator->(long, long, long)", 20, "p::operator->(…)");
    assert_short("(anonymous namespace)::f(int, int, int)", 30, "(anonymous namespace)::f(…)");
    assert_short("f() [clone .isra.0.constprop.0] (int)", 36,
                 "f() [clone .isra.0.constprop.0] (…)");
}

Test(short_name, unpaired_brackets_are_left_alone)
{
    assert_short("odd) name that is long(", 11, "odd) …long(");
    assert_short("odd<name that is long", 11, "odd<n… long");
}

Test(short_name, never_wider_than_asked)
{
    for (size_t width = 2; width < 60; width++) {
        char *text = short_name("ns::type<a, b<c> >::method<d>(e, f (*)(g)) const", width);
        cr_assert_leq(utf8_length(text), width);
        free(text);
    }
}
