/*
 * Names with and without lists of template arguments, as demanglers write them.
 */
#include "analyzer/util/template_lists.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void expect_emptied(const char *name, const char *expected)
{
    char *made = template_lists_emptied(name);

    cr_expect_str_eq(made, expected);
    free(made);
}

Test(template_lists, lists)
{
    expect_emptied("std::map<int, std::vector<A, B<C> > >::at(int const&)",
                   "std::map<…>::at(int const&)");
    expect_emptied("void f<(E)1, (x<y>(3)), 4>(std::pair<a, b>, g<int>*)",
                   "void f<…>(std::pair<…>, g<…>*)");
    expect_emptied("f<>()", "f<…>()");
    expect_emptied("s<&(t::operator>(int))>::m()", "s<…>::m()");
    expect_emptied("s<(a->b)>::m()", "s<…>::m()");
}

Test(template_lists, operators)
{
    expect_emptied("a::operator<(a const&)", "a::operator<(a const&)");
    expect_emptied("a<int>::operator<<(b<c>)", "a<…>::operator<<(b<…>)");
    expect_emptied("bool operator< <int>(v<int>)", "bool operator< <…>(v<…>)");
    expect_emptied("a::operator<=><b>(b)", "a::operator<=><…>(b)");
    expect_emptied("p<q>::operator->() const", "p<…>::operator->() const");
    expect_emptied("c::operator()<int>(v<int>)", "c::operator()<…>(v<…>)");
    expect_emptied("c::operator+=<int>()", "c::operator+=<…>()");
    expect_emptied("c::operator v<int>()", "c::operator v<…>()");
    expect_emptied("my_operator<int>()", "my_operator<…>()");
}

Test(template_lists, what_is_no_list)
{
    expect_emptied("<T as core::fmt::Display>::fmt", "<T as core::fmt::Display>::fmt");
    expect_emptied("<alloc::vec::Vec<T,A> as Drop>::drop", "<alloc::vec::Vec<…> as Drop>::drop");
    expect_emptied("core::iter::map::<u8, fn(u8) -> u64>::next", "core::iter::map::<…>::next");
    expect_emptied("f(int)::<lambda()>::operator()", "f(int)::<lambda()>::operator()");
    expect_emptied("Function:*<anonymous> a.js:1", "Function:*<anonymous> a.js:1");
    expect_emptied("java.lang.Object.<init>", "java.lang.Object.<init>");
    expect_emptied("plain", "plain");
    expect_emptied("", "");
}

Test(template_lists, damaged)
{
    expect_emptied("f<int", "f<int");
    expect_emptied("f<(>", "f<(>");
    expect_emptied("f>>>", "f>>>");
    expect_emptied("operator<", "operator<");
}
