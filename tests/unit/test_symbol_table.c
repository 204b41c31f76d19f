/*
 * Finding and preferring symbols, against tables written by hand.
 */
#include "analyzer/symbols/symbol_table.h"

#include <criterion/criterion.h>

enum { LOCAL = 2 | 4, GLOBAL = 1 | 2 | 4, UNSIZED = 1 | 2, LABEL = 0 };

static struct symbol_table table;

static void add(const char *name, uint64_t start, uint64_t size, uint8_t rank)
{
    symbol_table_add(
        &table, &(struct symbol){
                    .start = start, .end = start + size, .section = 1, .rank = rank, .name = name});
}

static const char *find(uint64_t address)
{
    const struct symbol *symbol = symbol_table_find(&table, address, 1);

    return symbol == NULL ? "-" : symbol->name;
}

static void init(void)
{
    symbol_table_init(&table);
}

static void release(void)
{
    symbol_table_release(&table);
}

TestSuite(symbol_table, .init = init, .fini = release);

Test(symbol_table, empty)
{
    symbol_table_sort(&table);
    cr_expect_str_eq(find(0), "-");
    cr_expect_str_eq(find(UINT64_MAX), "-");
}

Test(symbol_table, ends_where_its_size_says)
{
    add("b", 0x200, 0x20, GLOBAL);
    add("a", 0x100, 0x10, GLOBAL);
    symbol_table_sort(&table);
    cr_expect_str_eq(find(0xff), "-");
    cr_expect_str_eq(find(0x100), "a");
    cr_expect_str_eq(find(0x10f), "a");
    cr_expect_str_eq(find(0x110), "-");
    cr_expect_str_eq(find(0x21f), "b");
    cr_expect_str_eq(find(0x220), "-");
}

Test(symbol_table, unsized_reach_to_the_next_in_their_section)
{
    add("start", 0x100, 0, UNSIZED);
    add("next", 0x180, 0x10, GLOBAL);
    symbol_table_sort(&table);
    cr_expect_str_eq(find(0x17f), "start");
    cr_expect_str_eq(find(0x190), "-", "not beyond a sized one");
    cr_expect_null(symbol_table_find(&table, 0x110, 2), "another section");
}

Test(symbol_table, labels_inside_functions)
{
    add("function", 0x100, 0x100, GLOBAL);
    add("label", 0x140, 0, LABEL);
    add("inner", 0x180, 0x10, LOCAL);
    symbol_table_sort(&table);
    cr_expect_str_eq(find(0x150), "function");
    cr_expect_str_eq(find(0x188), "inner");
    cr_expect_str_eq(find(0x190), "function");
    cr_expect_str_eq(find(0x1ff), "function");
    cr_expect_str_eq(find(0x200), "-");
}

Test(symbol_table, several_names_of_one_address)
{
    add("__GI___libc_malloc", 0x100, 0x10, LOCAL);
    add("__libc_malloc", 0x100, 0x10, GLOBAL);
    add("malloc", 0x100, 0x10, GLOBAL);
    add("local", 0x200, 0x10, LOCAL);
    add("label", 0x200, 0, LABEL);
    symbol_table_sort(&table);
    cr_expect_str_eq(find(0x105), "malloc");
    cr_expect_str_eq(find(0x205), "local");
}

Test(symbol_table, size_to_the_end_of_memory)
{
    symbol_table_add(
        &table,
        &(struct symbol){
            .start = 0x100, .end = UINT64_MAX, .section = 1, .rank = GLOBAL, .name = "all"});
    add("some", 0x200, 0x10, GLOBAL);
    symbol_table_sort(&table);
    cr_expect_str_eq(find(0x205), "some");
    cr_expect_str_eq(find(0x300), "all");
}
