/*
 * Names of every scheme with what c++filt prints for them, and names made to hurt.
 */
#include "analyzer/symbols/demangle.h"
#include "analyzer/util/memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(const char *mangled, const char *expected)
{
    char *name = demangle(mangled);

    cr_assert_not_null(name, "%s", mangled);
    cr_expect_str_eq(name, expected);
    free(name);
}

Test(demangle, cxx)
{
    check("_ZN1a1b7free_fnEi", "a::b::free_fn(int)");
    check("_ZNKSt6vectorIiSaIiEE4sizeEv", "std::vector<int, std::allocator<int> >::size() const");
    check("_ZN12_GLOBAL__N_14deep1s1mEi", "(anonymous namespace)::deep::s::m(int)");
    check("_ZdlPv", "operator delete(void*)");
    check("_Z3foov.constprop.0", "foo() [clone .constprop.0]");
}

Test(demangle, rust)
{
    check("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad");
    check("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar");
    check("_RINvNtC3std3mem8align_ofdE", "std::mem::align_of::<f64>");
}

Test(demangle, leaves_other_names_alone)
{
    static const char *const names[] = {
        "main",      "_start", "", "_Z", "_ZN", "_R", "_Zebra!", "Z3foov", "_RNvC6_123foo3bar_",
        "foo.part.0"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        cr_expect_null(demangle(names[i]), "%s", names[i]);
    cr_expect(demangle_is_mangled("_Z3foov"));
    cr_expect_not(demangle_is_mangled("memcpy"));
}

/* f(A, B<A, A>, B<that, that>, ...): 2^30 characters from 400. */
Test(demangle, output_that_grows_without_end, .timeout = 20)
{
    char name[1024] = "_Z1f1A1BIS_S_E";
    size_t length = strlen(name);

    for (int i = 1; i <= 30; i++) {
        char id = (char)(i < 10 ? '0' + i : 'A' + i - 10);

        length += (size_t)snprintf(name + length, sizeof(name) - length, "S0_IS%c_S%c_E", id, id);
    }
    cr_expect_null(demangle(name));
}

Test(demangle, deep_nesting, .timeout = 20)
{
    size_t depth = 1 << 20;
    char *pointers = memory_alloc(depth + 1), *name;

    memset(pointers, 'P', depth);
    name = memory_printf("_Z1f%si", pointers);
    cr_expect_null(demangle(name));
    free(name);
    free(pointers);
}
