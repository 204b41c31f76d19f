/*
 * The packed symbol table of a stripped file: read, and refused when it is damaged.
 */
#include "analyzer/symbols/mini_debug.h"

#include "analyzer/symbols/symbol_table.h"
#include "tests/unit/compiled.h"

static struct elf_image image;

static void init(void)
{
    scratch_init();
    compiled_need("xz");
    scratch_write("part.c", "static __attribute__((noinline)) int hidden(int x) { return x + 1; }\n"
                            "int part(int x) { return hidden(x); }\n");
    compiled_run("gcc -O1 -shared -fPIC -nostartfiles -o part.so part.c && "
                 "objcopy -S --keep-symbol=hidden part.so mini && xz -k mini && strip -s part.so");
}

TestSuite(mini_debug, .init = init, .fini = scratch_release);

/* What comes of `bytes` as the section of part.so. */
static int init_with(struct mini_debug *mini, const char *bytes)
{
    struct problem problem = {0};
    int result;

    compiled_run("objcopy --remove-section .gnu_debugdata part.so with.so && "
                 "objcopy --add-section .gnu_debugdata=%s with.so",
                 bytes);
    cr_assert_eq(elf_image_init(&image, "with.so", &problem), 0);
    result = mini_debug_init(mini, &image);
    elf_image_release(&image);
    return result;
}

Test(mini_debug, has_the_symbols)
{
    struct mini_debug mini;
    struct symbol_table table;
    bool found = false;

    cr_assert_eq(init_with(&mini, "mini.xz"), 0);
    cr_expect(mini.image.has_symtab);
    symbol_table_init(&table);
    symbol_table_add_image(&table, &mini.image);
    for (size_t i = 0; i < table.count; i++)
        found |= strcmp(table.symbols[i].name, "hidden") == 0;
    cr_expect(found);
    symbol_table_release(&table);
    mini_debug_release(&mini);
}

Test(mini_debug, none)
{
    struct mini_debug mini;
    struct problem problem = {0};

    cr_assert_eq(elf_image_init(&image, "part.so", &problem), 0);
    cr_expect_eq(mini_debug_init(&mini, &image), PROBLEM_NOTHING);
    elf_image_release(&image);
}

Test(mini_debug, damage_is_refused)
{
    struct mini_debug mini;

    compiled_run("head -c 200 mini.xz >cut; echo text >text; xz -k text; "
                 "head -c 70000000 /dev/zero | xz -0 >large");
    cr_expect_eq(init_with(&mini, "cut"), PROBLEM_DATA);
    cr_expect_eq(init_with(&mini, "text"), PROBLEM_DATA);
    cr_expect_eq(init_with(&mini, "text.xz"), PROBLEM_DATA);
    cr_expect_eq(init_with(&mini, "large"), PROBLEM_DATA, "beyond what is reasonable");
}
