/*
 * Contents of sections, however they are compressed, and compressed ones that are damaged.
 */
#include "analyzer/symbols/section_contents.h"

#include "analyzer/symbols/elf_image.h"
#include "tests/unit/compiled.h"

static struct elf_image plain, packed;
static GElf_Shdr header;

static void init(void)
{
    struct problem problem = {0};

    scratch_init();
    /* Not too small to be worth compressing. */
    compiled_run("for i in 1 2 3 4 5 6 7 8 9; do echo \"struct s$i { int alpha_$i; } v$i;"
                 "int part_$i(int x, struct s$i *p) { return x + p->alpha_$i; }\"; done > part.c");
    compiled_run("gcc -g -gz=none -shared -fPIC -nostartfiles -o part.so part.c");
    cr_assert_eq(elf_image_init(&plain, "part.so", &problem), 0);
}

static void release(void)
{
    elf_image_release(&plain);
    elf_image_release(&packed);
    scratch_release();
}

TestSuite(section_contents, .init = init, .fini = release);

static void expect_alike(const char *name)
{
    struct section_contents left, right;
    struct problem problem = {0};

    cr_assert_eq(elf_image_init(&packed, "small.so", &problem), 0);
    Elf_Scn *section = elf_image_section(&packed, name, &header);
    cr_assert_not_null(section);
    cr_assert(section_contents_init(&left, elf_image_section(&plain, ".debug_info", &header)));
    cr_assert(section_contents_init(&right, section));
    cr_assert_eq(left.size, right.size);
    cr_expect_eq(memcmp(left.bytes, right.bytes, left.size), 0);
    cr_expect_eq(section_contents_size(section), left.size);
    cr_expect_null(left.owned);
    cr_expect_not_null(right.owned);
    section_contents_release(&left);
    section_contents_release(&right);
}

Test(section_contents, zlib)
{
    compiled_run("objcopy --compress-debug-sections=zlib part.so small.so");
    expect_alike(".debug_info");
}

Test(section_contents, zlib_as_gnu_had_it)
{
    compiled_run("objcopy --compress-debug-sections=zlib-gnu part.so small.so");
    expect_alike(".zdebug_info");
}

Test(section_contents, zstd)
{
    compiled_run("objcopy --compress-debug-sections=zstd part.so small.so");
    expect_alike(".debug_info");
}

/* One byte of what is compressed, and a size beyond belief. */
Test(section_contents, damaged)
{
    static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct section_contents contents;
    struct problem problem = {0};
    const uint64_t places[] = {sizeof(Elf64_Chdr) + 20, offsetof(Elf64_Chdr, ch_size)};
    const size_t sizes[] = {1, sizeof(huge)};

    for (size_t i = 0; i < 2; i++) {
        compiled_run("objcopy --compress-debug-sections=zlib part.so small.so");
        cr_assert_eq(elf_image_init(&packed, "small.so", &problem), 0);
        cr_assert_not_null(elf_image_section(&packed, ".debug_info", &header));
        elf_image_release(&packed);
        FILE *file = fopen("small.so", "r+");
        fseek(file, (long)(header.sh_offset + places[i]), SEEK_SET);
        fwrite(huge, 1, sizes[i], file);
        fclose(file);
        cr_assert_eq(elf_image_init(&packed, "small.so", &problem), 0);
        cr_expect_not(
            section_contents_init(&contents, elf_image_section(&packed, ".debug_info", &header)));
        cr_expect_null(contents.bytes);
        elf_image_release(&packed);
    }
}
