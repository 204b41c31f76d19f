/*
 * Bounds of functions by unwind information, against readelf's reading of it, and
 * on damaged sections.
 */
#include "analyzer/symbols/function_bounds.h"

#include "tests/unit/compiled.h"
#include "tests/unit/randomness.h"

#include <dlfcn.h>

TestSuite(function_bounds, .init = scratch_init, .fini = scratch_release);

static struct elf_image image;
static struct function_bounds bounds;

static void open_file(const char *path)
{
    struct problem problem = {0};

    cr_assert_eq(elf_image_init(&image, path, &problem), 0, "%s", problem.text);
    function_bounds_init(&bounds, &image);
}

/* All code ranges of .eh_frame, sorted, as readelf has them; free() it. */
static struct address_range *ranges_of(const char *path, size_t *count)
{
    struct address_range *ranges = NULL;
    size_t capacity = 0;
    unsigned long low, high;

    compiled_run("readelf --debug-dump=frames %s | sed -n '/eh_frame section/,/debug_frame/"
                 "s/.* FDE .*pc=\\([0-9a-f]*\\)\\.\\.\\([0-9a-f]*\\)$/\\1 \\2/p' | sort >ranges",
                 path);
    FILE *in = fopen("ranges", "r");
    *count = 0;
    while (fscanf(in, "%lx %lx", &low, &high) == 2) {
        ranges = memory_grow(ranges, *count, &capacity, sizeof(*ranges));
        ranges[(*count)++] = (struct address_range){low, high};
    }
    fclose(in);
    return ranges;
}

static void expect_range(uint64_t address, struct address_range expected)
{
    struct address_range found;

    cr_assert(function_bounds_find(&bounds, address, &found), "nothing at %lx",
              (unsigned long)address);
    cr_expect_eq(found.low, expected.low);
    cr_expect_eq(found.high, expected.high);
}

/* Every range at its first, middle and last byte, and what lies between two. */
static void check(const char *path, size_t least)
{
    struct address_range found;
    size_t count;
    struct address_range *ranges = ranges_of(path, &count);

    cr_assert_geq(count, least, "%zu ranges in %s", count, path);
    open_file(path);
    for (size_t i = 0; i < count; i++) {
        uint64_t low = ranges[i].low, high = ranges[i].high;
        expect_range(low, ranges[i]);
        expect_range(low + (high - low) / 2, ranges[i]);
        expect_range(high - 1, ranges[i]);
        if (i + 1 == count || high < ranges[i + 1].low)
            cr_expect_not(function_bounds_find(&bounds, high, &found), "%lx", (unsigned long)high);
    }
    cr_expect_not(function_bounds_find(&bounds, ranges[0].low - 1, &found));
    cr_expect_not(function_bounds_find(&bounds, 0, &found));
    cr_expect_not(function_bounds_find(&bounds, UINT64_MAX, &found));
    elf_image_release(&image);
    free(ranges);
}

/* libc and libstdc++: thousands of entries, with and without personality (C++). */
Test(function_bounds, of_the_libraries_of_this_machine)
{
    Dl_info library;

    cr_assert(dladdr(dlsym(RTLD_DEFAULT, "fopen"), &library));
    check(library.dli_fname, 1000);
    void *cxx = dlopen("libstdc++.so.6", RTLD_LAZY);
    if (cxx != NULL && dladdr(dlsym(cxx, "__cxa_throw"), &library))
        check(library.dli_fname, 1000);
}

/* A linker's answer, compiled here: `flags` vary layout and encodings. */
static void compile(const char *compiler, const char *flags)
{
    compiled_need(compiler);
    scratch_write("part.c", "__attribute__((noinline)) int one(int x) { return x * 3 + 1; }\n"
                            "__attribute__((noinline)) int two(int x) { return one(x) / 7; }\n"
                            "int main(int n, char **v) { return two(n) + one(!v); }\n");
    compiled_run("%s -O1 -fasynchronous-unwind-tables %s -o part part.c && strip -s part", compiler,
                 flags);
}

Test(function_bounds, of_stripped_programs)
{
    compile("gcc", "");
    check("part", 4);
    compile("gcc", "-no-pie -fno-pie");
    check("part", 4);
    compile("gcc", "-mcmodel=large -fno-pie -no-pie"); /* pointers of 8 bytes */
    check("part", 4);
    compile("clang", "");
    check("part", 4);
}

Test(function_bounds, unknown_without_the_sections)
{
    struct address_range found;

    compile("gcc", "");
    compiled_run("objcopy -R .eh_frame_hdr part no_header && objcopy -R .eh_frame part no_frames");
    open_file("no_header");
    cr_expect_not(function_bounds_find(&bounds, image.code_start + 0x130, &found));
    elf_image_release(&image);
    open_file("no_frames");
    cr_expect_not(function_bounds_find(&bounds, image.code_start + 0x130, &found));
    elf_image_release(&image);
}

/* A copy that ends where the section ends, so that a sanitizer sees beyond. */
static uint8_t *copy_of(const struct section_bytes *section, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    memcpy(copy, section->bytes, size);
    return copy;
}

static void damage(uint8_t *bytes, size_t size)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};

    for (uint32_t times = random_below(4); times > 0 && size > 0; times--)
        bytes[random_below((uint32_t)size)] =
            random_below(2) ? values[random_below(sizeof(values))] : (uint8_t)random_below(256);
}

/* Whatever the sections say, an answer covers what was asked for. */
static void survive(const struct function_bounds *whole, size_t header_size, size_t frames_size)
{
    struct function_bounds damaged = *whole;
    struct address_range found;
    uint8_t *header = copy_of(&whole->header, header_size);
    uint8_t *frames = copy_of(&whole->frames, frames_size);

    damage(header, header_size);
    damage(frames, frames_size);
    damaged.header.bytes = header;
    damaged.header.size = header_size;
    damaged.frames.bytes = frames;
    damaged.frames.size = frames_size;
    for (uint64_t address = image.code_start; address < image.code_start + 0x300; address += 16) {
        if (function_bounds_find(&damaged, address, &found))
            cr_assert(found.low <= address && address < found.high);
    }
    free(header);
    free(frames);
}

Test(function_bounds, hostile_sections_are_survived)
{
    compile("gcc", "");
    open_file("part");
    for (size_t size = 0; size <= bounds.header.size; size++)
        survive(&bounds, size, bounds.frames.size);
    for (size_t size = 0; size <= bounds.frames.size; size++)
        survive(&bounds, bounds.header.size, size);
    for (int round = 0; round < 20000; round++)
        survive(&bounds, bounds.header.size, bounds.frames.size);
    elf_image_release(&image);
}
