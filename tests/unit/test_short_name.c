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

Test(short_name, result_types_go_first)
{
    assert_short("void std::sort<int*>(int*, int*)", 28, "std::sort<int*>(int*, int*)");
    assert_short("void std::sort<int*>(int*, int*)", 20, "std::sort<int*>(…)");
    assert_short("std::map<int, long> a::make<int, long>(int) const", 30,
                 "a::make<int, long>(int) const");
    assert_short("bool op::operator()<int>(int*, int*) const", 30, "op::operator()<int>(…) const");
    assert_short("auto (anonymous namespace)::run<int>(int)", 40,
                 "(anonymous namespace)::run<int>(int)");
    assert_short("unsigned long f<int>(int, int, int)", 12, "f<int>(…)");
}

Test(short_name, blanks_that_end_no_result_type)
{
    assert_short("a::thing::operator unsigned long() const", 38,
                 "a::thing::operator …igned long() const");
    assert_short("void (*choose<int>(int))(char, char)", 20, "void (…)(…)");
    assert_short("non-virtual thunk to a::thing::method(int)", 40,
                 "non-virtual thunk to a::thing::method(…)");
    assert_short("a_rust::name<with a blank>::and_more", 25, "a_rust::name<…>::and_more");
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
