/*
 * Opening ELF files: what readelf says of them, and files that are something else.
 */
#include "analyzer/symbols/elf_image.h"

#include "tests/unit/compiled.h"

#include <sys/auxv.h>
#include <sys/stat.h>

TestSuite(elf_image, .init = scratch_init, .fini = scratch_release);

static void compile(const char *flags)
{
    scratch_write("part.c", "int part(int x) { return x + 1; }\n");
    compiled_run("gcc -shared -fPIC -nostartfiles %s -o part.so part.c", flags);
}

static void expect_build_id(const struct elf_image *image)
{
    char digits[2 * ELF_BUILD_ID_MAX + 2] = "";

    for (size_t i = 0; i < image->build_id_size; i++)
        sprintf(digits + 2 * i, "%02x\n", image->build_id[i]);
    compiled_run("readelf -n part.so | sed -n 's/.*Build ID: //p' >id");
    cr_expect_str_eq(digits, scratch_read("id"));
}

Test(elf_image, identity_and_contents)
{
    struct elf_image image;
    struct problem problem = {0};
    GElf_Shdr header;

    compile("-g -Wl,--build-id");
    cr_assert_eq(elf_image_init(&image, "part.so", &problem), 0);
    expect_build_id(&image);
    cr_expect(elf_image_has_build_id(&image, image.build_id, image.build_id_size));
    cr_expect_not(elf_image_has_build_id(&image, image.build_id, image.build_id_size - 1));
    cr_expect(image.has_symtab && image.has_dwarf);
    cr_expect_not_null(elf_image_section(&image, ".text", &header));
    cr_expect_eq(header.sh_addr, image.code_start);
    cr_expect_null(elf_image_section(&image, ".nonsense", &header));
    elf_image_release(&image);
}

Test(elf_image, without_section_headers)
{
    struct elf_image image;
    struct problem problem = {0};

    compile("-Wl,--build-id");
    compiled_run("cp part.so bare.so && printf '\\0\\0\\0\\0\\0\\0\\0\\0' | "
                 "dd of=bare.so bs=1 seek=40 conv=notrunc && printf '\\0\\0\\0\\0' | "
                 "dd of=bare.so bs=1 seek=60 conv=notrunc");
    cr_assert_eq(elf_image_init(&image, "bare.so", &problem), 0);
    expect_build_id(&image);
    cr_expect_not(image.has_symtab || image.has_dwarf);
    elf_image_release(&image);
}

Test(elf_image, stripped_and_without_build_id)
{
    struct elf_image image;
    struct problem problem = {0};

    compile("-s -Wl,--build-id=none");
    cr_assert_eq(elf_image_init(&image, "part.so", &problem), 0);
    cr_expect_eq(image.build_id_size, 0);
    cr_expect_not(image.has_symtab || image.has_dwarf);
    elf_image_release(&image);
}

Test(elf_image, debuglink)
{
    struct elf_image image;
    struct problem problem = {0};
    uint32_t crc;

    compile("-g");
    scratch_write("part.debug", "123456789"); /* whose CRC-32 every table names */
    compiled_run("objcopy --add-gnu-debuglink=part.debug part.so linked.so");
    cr_assert_eq(elf_image_init(&image, "part.so", &problem), 0);
    cr_expect_null(elf_image_debuglink(&image, &crc));
    elf_image_release(&image);
    cr_assert_eq(elf_image_init(&image, "linked.so", &problem), 0);
    cr_expect_str_eq(elf_image_debuglink(&image, &crc), "part.debug");
    cr_expect_eq(crc, 0xcbf43926);
    elf_image_release(&image);
}

static void expect_refused(const char *path, int code, const char *reason)
{
    struct elf_image image;
    struct problem problem = {0};

    cr_expect_eq(elf_image_init(&image, path, &problem), code, "%s", path);
    cr_expect_not_null(strstr(problem.text, reason), "%s: %s", path, problem.text);
    elf_image_release(&image);
}

Test(elf_image, not_elf)
{
    scratch_write("text", "some text, longer than an ELF header would be, and then some more\n");
    scratch_write("empty", "");
    scratch_write("magic", "\177ELF");
    cr_assert_eq(mkfifo("fifo", 0600), 0);
    compile("-c");
    compiled_run("ar rc archive.a part.so");
    expect_refused("missing", PROBLEM_SYSTEM, "'missing': No such file");
    expect_refused("text", PROBLEM_DATA, "'text': not an ELF file");
    expect_refused("empty", PROBLEM_DATA, "'empty': not an ELF file");
    expect_refused("magic", PROBLEM_DATA, "'magic': not an ELF file");
    expect_refused("archive.a", PROBLEM_DATA, "'archive.a': not an ELF file");
    expect_refused("fifo", PROBLEM_DATA, "'fifo': not a regular file");
    expect_refused(".", PROBLEM_DATA, "'.': not a regular file");
}

Test(elf_image, vdso)
{
    struct elf_image image;
    struct problem problem = {0};

    if (getauxval(AT_SYSINFO_EHDR) == 0)
        cr_skip("no vdso\n");
    cr_assert_eq(elf_image_init_vdso(&image, &problem), 0);
    cr_expect(image.build_id_size > 0);
    cr_expect_neq(image.code_start, UINT64_MAX);
    elf_image_release(&image);
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

/* A kernel's debug information is 160 MB, which every process that is forked would have too. */
static void expect_no_reading(const char *flags)
{
    struct elf_image image;
    struct problem problem = {0};
    unsigned long before, size = 0;

    compiled_run("awk 'BEGIN { for (i = 0; i < 3000; i++) "
                 "print \"int f\" i \"(int x) { return x; }\" }' >part.c");
    compiled_run("gcc -g -shared -fPIC -nostartfiles %s -o part.so part.c && readelf -SW part.so | "
                 "sed -n 's/.* \\.debug_info *PROGBITS *[0-9a-f]* [0-9a-f]* "
                 "\\([0-9a-f]*\\) .*/\\1/p' >size",
                 flags);
    cr_assert(sscanf(scratch_read("size"), "%lx", &size) == 1 && size > 10000, "%lx", size);
    before = bytes_read();
    cr_assert_eq(elf_image_init(&image, "part.so", &problem), 0);
    cr_expect_lt(bytes_read() - before, size);
    cr_expect(image.has_dwarf);
    elf_image_release(&image);
}

Test(elf_image, debug_information_is_not_read_to_open_the_file)
{
    expect_no_reading("-gz=none");
    expect_no_reading("-gz=zlib");
}
