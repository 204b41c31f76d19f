/* Lists of the kernel's symbols. */
#include "analyzer/symbols/kernel_symbols.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>

TestSuite(kernel_symbols, .init = scratch_init, .fini = scratch_release);

Test(kernel_symbols, functions_are_found_by_address)
{
    scratch_write("list", "ffffffff81000200 T second\n"
                          "ffffffff81000100 t first\n"
                          "ffffffff81000180 D data\n"
                          "ffffffffc0000000 t in_module\t[module]\n"
                          "ffffffff81000200 T alias\n"
                          "0000000000000000 T hidden\n"
                          "nonsense\n"
                          "ffffffff81000300 T");
    struct kernel_symbols *symbols = kernel_symbols_new("list");

    cr_assert_not_null(symbols);
    cr_assert_null(kernel_symbols_find(symbols, 0xffffffff810000ff));
    cr_assert_str_eq(kernel_symbols_find(symbols, 0xffffffff81000100)->name, "first");
    cr_assert_str_eq(kernel_symbols_find(symbols, 0xffffffff810001ff)->name, "first");
    cr_assert_str_eq(kernel_symbols_find(symbols, 0xffffffff81000204)->name, "alias");
    cr_assert_str_eq(kernel_symbols_find(symbols, 0xffffffffc0001234)->name, "in_module");
    kernel_symbols_free(symbols);
}

Test(kernel_symbols, none)
{
    scratch_write("hidden", "0000000000000000 T _text\n0000000000000000 t other\n");
    cr_assert_null(kernel_symbols_new("hidden"));
    cr_assert_null(kernel_symbols_new("absent"));
    kernel_symbols_free(NULL);
}
