/*
 * Names of PLT stubs, against objdump's.
 */
#include "analyzer/symbols/plt_symbols.h"

#include "tests/unit/compiled.h"

TestSuite(plt_symbols, .init = scratch_init, .fini = scratch_release);

/* The lines "ADDRESS NAME" of `in` are in the table; how many. */
static size_t expect_stubs(const struct symbol_table *table, FILE *in)
{
    char name[256];
    unsigned long address;
    size_t stubs = 0;

    for (; fscanf(in, "%lx %255s", &address, name) == 2; stubs++) {
        const struct symbol *symbol = symbol_table_find(table, address, 0);

        cr_assert_not_null(symbol, "nothing at %lx", address);
        cr_expect(symbol->plt);
        cr_expect_eq(symbol->start, address);
        cr_expect_str_eq(symbol->name, name);
    }
    return stubs;
}

static void check(const char *compiler, const char *flags)
{
    struct elf_image image;
    struct symbol_table table;
    struct problem problem = {0};
    size_t stubs;
    FILE *in;

    compiled_need(compiler);
    scratch_write("part.c", "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
                            "int (*pointer)(const char *) = puts;\n"
                            "int main(int n, char **v)\n"
                            "{\n"
                            "    char *copy = strdup(v[0]);\n"
                            "    puts(copy);\n"
                            "    free(copy);\n"
                            "    return n > 1 ? abs(rand()) : pointer(getenv(\"HOME\"));\n"
                            "}\n");
    compiled_run("%s %s -o part part.c", compiler, flags);
    compiled_run("objdump -d --section=.plt --section=.plt.sec --section=.plt.got part | "
                 "sed -n 's/^\\([0-9a-f]*\\) <\\(.*\\)@plt>:$/\\1 \\2/p' >stubs");
    cr_assert_eq(elf_image_init(&image, "part", &problem), 0);
    symbol_table_init(&table);
    plt_symbols_add(&table, &image);
    symbol_table_sort(&table);
    in = fopen("stubs", "r");
    stubs = expect_stubs(&table, in);
    fclose(in);
    cr_expect(stubs >= 5, "%zu stubs", stubs);
    cr_expect_eq(table.count, stubs);
    symbol_table_release(&table);
    elf_image_release(&image);
}

Test(plt_symbols, lazy)
{
    check("gcc", "-Wl,-z,lazy -fno-builtin");
}

Test(plt_symbols, bound_at_start)
{
    check("gcc", "-Wl,-z,now -fno-builtin");
}

Test(plt_symbols, second_plt_of_branch_protection)
{
    check("gcc", "-Wl,-z,ibtplt -fcf-protection -fno-builtin");
}

Test(plt_symbols, without_position_independence)
{
    check("gcc", "-no-pie -fno-pie -fno-builtin");
}

Test(plt_symbols, clang)
{
    check("clang", "-fno-builtin");
}

/* Bytes this process has read so far. */
static unsigned long bytes_read(void)
{
    unsigned long bytes = 0;
    FILE *in = fopen("/proc/self/io", "r");

    if (in == NULL || fscanf(in, "rchar: %lu", &bytes) != 1)
        cr_skip("the kernel does not count reads");
    fclose(in);
    return bytes;
}

/* A kernel's are 300 MB, and none of them is of a PLT. */
Test(plt_symbols, relocations_left_in_by_the_linker_are_not_read)
{
    struct elf_image image;
    struct symbol_table table;
    struct problem problem = {0};
    unsigned long before, size = 0;

    compiled_run(
        "awk 'BEGIN { print \"int puts(const char *); int main(void) { return puts(0); }\"; "
        "for (i = 0; i < 500; i++) print \"int f\" i \"(int x) { return x; }\" }' >part.c");
    compiled_run("gcc -fno-builtin -g -Wl,--emit-relocs -o part part.c && readelf -SW part | "
                 "sed -n 's/.* \\.rela\\.debug_info *RELA *[0-9a-f]* [0-9a-f]* "
                 "\\([0-9a-f]*\\) .*/\\1/p' >size");
    cr_assert(sscanf(scratch_read("size"), "%lx", &size) == 1 && size > 6000, "%lx", size);
    cr_assert_eq(elf_image_init(&image, "part", &problem), 0);
    symbol_table_init(&table);
    before = bytes_read();
    plt_symbols_add(&table, &image);
    cr_expect_lt(bytes_read() - before, size);
    cr_expect(table.count > 0);
    symbol_table_release(&table);
    elf_image_release(&image);
}

/* What the file itself chooses at run time has a slot without a symbol. */
Test(plt_symbols, functions_chosen_at_run_time)
{
    struct elf_image image;
    struct symbol_table table;
    struct problem problem = {0};
    const struct symbol *symbol;
    unsigned long address;

    scratch_write("part.c", "#include <stdlib.h>\n"
                            "static int a(void) { return 1; }\n"
                            "static int b(void) { return 2; }\n"
                            "static int (*choose(void))(void) { return getenv(\"X\") ? a : b; }\n"
                            "int chosen(void) __attribute__((ifunc(\"choose\")));\n"
                            "int main(void) { return chosen(); }\n");
    compiled_run("gcc -O1 -o part part.c && objdump -d part | "
                 "sed -n 's/^\\([0-9a-f]*\\) <[*]ABS[*].*@plt>:$/\\1/p' >stub");
    address = strtoul(scratch_read("stub"), NULL, 16);
    cr_assert_neq(address, 0);
    cr_assert_eq(elf_image_init(&image, "part", &problem), 0);
    symbol_table_init(&table);
    symbol_table_add_image(&table, &image);
    plt_symbols_add(&table, &image);
    symbol_table_sort(&table);
    symbol = symbol_table_find(&table, address + 4, symbol_section_at(&image, address + 4));
    cr_assert_not_null(symbol);
    cr_expect(symbol->plt);
    cr_expect_str_eq(symbol->name, "chosen");
    symbol_table_release(&table);
    elf_image_release(&image);
}

/* Which nobody writes, but 18 MB of a file can hold: comparing all with all takes minutes. */
Test(plt_symbols, very_many_chosen_by_one, .timeout = 100)
{
    struct elf_image image;
    struct symbol_table table;
    struct problem problem = {0};

    compiled_run("awk 'BEGIN { print \".text\\n.type choose,@function\\nchoose: ret\";"
                 "for (i = 0; i < 300000; i++) { f = \"f\" i; print \".globl \" f \"\\n.hidden \" f"
                 " \"\\n.type \" f \",@gnu_indirect_function\\n.set \" f \",choose\" }"
                 "print \".data\"; for (i = 0; i < 300000; i++) print \".quad f\" i }' >part.s");
    compiled_run("gcc -shared -nostdlib -o part.so part.s && rm part.s");
    cr_assert_eq(elf_image_init(&image, "part.so", &problem), 0);
    symbol_table_init(&table);
    symbol_table_add_image(&table, &image);
    cr_assert_gt(table.count, 300000);
    plt_symbols_add(&table, &image);
    symbol_table_release(&table);
    elf_image_release(&image);
}
