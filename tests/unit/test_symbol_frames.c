/* Places get names: symbols of this very program, and what stands in for none. */
#include "analyzer/load/symbol_frames.h"

#include "tests/unit/compiled.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static struct profile *profile;
static struct code_places code;
static struct symbol_frames frames;

static void start(void)
{
    unsetenv("XDG_CACHE_HOME"); /* nothing is kept */
    unsetenv("HOME");
    profile = profile_new();
    code_places_init(&code, profile->strings);
}

static void stop(void)
{
    symbol_frames_release(&frames);
    code_places_release(&code);
    profile_free(profile);
}

/* Name of the only frame of a place. */
static const char *name_of(uint32_t place)
{
    cr_assert_eq(code.places[place].frame_count, 1);
    return profile->frames[frames.numbers[code.places[place].first_frame]].function;
}

__attribute__((noinline)) void a_function_with_a_name(void)
{
    __asm__ volatile("");
}

static const struct sources sources = {.count = 0}; /* no recording: no kernel's names kept */

TestSuite(symbol_frames, .init = start, .fini = stop);

Test(symbol_frames, functions_have_their_names)
{
    Dl_info self;
    char *path = realpath("/proc/self/exe", NULL);

    cr_assert(dladdr((void *)(uintptr_t)a_function_with_a_name, &self));
    uint32_t image = code_places_image(&code, path, NULL, 0);
    uint64_t address = (uint64_t)(uintptr_t)a_function_with_a_name - (uintptr_t)self.dli_fbase;
    uint32_t place = code_places_add(&code, image, address);
    uint32_t nowhere = code_places_add(&code, image, 0x7fffffff);
    symbol_frames_init(&frames, &code, &sources, &(struct load_options){0}, profile);
    cr_assert_str_eq(name_of(place), "a_function_with_a_name");
    const struct frame *frame = &profile->frames[frames.numbers[code.places[place].first_frame]];
    cr_assert_str_eq(frame->module, path);
    cr_assert_eq(frame->address, address);
    cr_assert_eq(frame->kind, FRAME_NATIVE);
    cr_assert_not_null(strstr(frame->file, "test_symbol_frames.c"));
    cr_assert_not_null(strstr(name_of(nowhere), "+0x7fffffff]"));
    free(path);
}

Test(symbol_frames, what_has_no_symbol_is_named_by_where_it_is)
{
    uint32_t lost = code_places_image(&code, "/gone/libfoo.so", NULL, 0);
    uint32_t kernel = code_places_image(&code, "[vdso]", NULL, 0);
    uint32_t library = code_places_add(&code, lost, 0x1234);
    uint32_t vdso = code_places_add(&code, kernel, 0x99);
    uint32_t unknown = code_places_add(&code, CODE_IMAGE_UNKNOWN, 0x7f1234);

    symbol_frames_init(&frames, &code, &sources, &(struct load_options){.no_symbols = true},
                       profile);
    cr_assert_str_eq(name_of(library), "[libfoo.so+0x1234]");
    cr_assert_str_eq(name_of(vdso), "[vdso+0x99]");
    cr_assert_str_eq(name_of(unknown), "[unknown module+0x7f1234]");
    cr_assert_eq(profile->message_count, 0);
}

Test(symbol_frames, a_stripped_function_has_one_name)
{
    scratch_init();
    scratch_write("part.c", "static int hidden(int x) { for (int i = 0; i < x; i++) x += i * x; "
                            "return x; }\nint (*pointer)(int) = hidden;\n");
    compiled_run("gcc -O1 -shared -fPIC -nostartfiles -o part.so part.c && "
                 "nm part.so | sed -n 's/ t hidden$//p' >address && strip -s part.so");
    uint64_t start = strtoul(scratch_read("address"), NULL, 16);
    uint32_t image = code_places_image(&code, "./part.so", NULL, 0);
    uint32_t first = code_places_add(&code, image, start + 1);
    uint32_t second = code_places_add(&code, image, start + 2);
    char *expected = memory_printf("[part.so+0x%lx]", (unsigned long)start);

    symbol_frames_init(&frames, &code, &sources, &(struct load_options){0}, profile);
    cr_expect_str_eq(name_of(first), expected);
    cr_expect_str_eq(name_of(second), expected);
    cr_expect_eq(profile->frames[frames.numbers[code.places[first].first_frame]].address,
                 start + 1);
    free(expected);
    scratch_release();
}

Test(symbol_frames, the_profilers_own_library_has_no_frames)
{
    uint32_t own = code_places_image(&code, "/gone/libprofinject.so", NULL, 0);
    uint32_t place = code_places_add(&code, own, 1);

    code.places[place].self_samples = 100;
    symbol_frames_init(&frames, &code, &sources, &(struct load_options){0}, profile);
    cr_assert_eq(code.places[place].frame_count, 0);
    cr_assert_eq(profile->frame_count, 0);
    cr_assert_eq(profile->message_count, 0);
}

Test(symbol_frames, missing_symbols_are_told_when_they_matter)
{
    uint32_t lost = code_places_image(&code, "/gone/libfoo.so", NULL, 0);
    uint32_t other = code_places_image(&code, "/gone/libbar.so", NULL, 0);

    uint32_t few = code_places_add(&code, lost, 1);
    uint32_t many = code_places_add(&code, other, 1);
    code.places[few].self_samples = 4;
    code.places[many].self_samples = 96;
    symbol_frames_init(&frames, &code, &sources, &(struct load_options){0}, profile);
    cr_assert_eq(profile->message_count, 1);
    cr_assert_not_null(strstr(profile->messages[0], "no names for 96 % of all samples, in "
                                                    "'/gone/libbar.so': "));
}

/* Of another boot than this one: its addresses mean nothing here. */
Test(symbol_frames, the_kernel_of_another_boot_has_no_names)
{
    const uint8_t boot[] = "another";
    uint32_t image = code_places_image(&code, "[kernel]", boot, sizeof(boot) - 1);
    uint32_t place = code_places_add(&code, image, 0xffffffff81000010);

    symbol_frames_init(&frames, &code, &sources, &(struct load_options){0}, profile);
    cr_assert_str_eq(name_of(place), "[kernel]");
    const struct frame *frame = &profile->frames[frames.numbers[code.places[place].first_frame]];
    cr_assert_eq(frame->kind, FRAME_KERNEL);
    cr_assert_eq(profile->message_count, 1);
    cr_assert_not_null(strstr(profile->messages[0], "no names for frames of the kernel"));
}

/* But where an archive has them: `record` kept none, or could not. */
Test(symbol_frames, the_kernel_has_the_names_of_an_archive)
{
    const uint8_t boot[] = "another";
    struct sources archived = {.count = 0};
    struct symbol_archive collected = {0};
    struct symbol_frame known = {.function = "entry"};
    struct symbol_query query = {
        .address = 0xffffffff81000010, .frames = &known, .count = 1, .settled = true};
    uint32_t image = code_places_image(&code, "[kernel]", boot, sizeof(boot) - 1);
    uint32_t place = code_places_add(&code, image, query.address);
    uint32_t other = code_places_add(&code, image, query.address + 8);

    symbol_archive_collect(&archived.symbols, "[kernel]", boot, sizeof(boot) - 1, &query, 1, NULL);
    symbol_frames_init(&frames, &code, &archived, &(struct load_options){.collect = &collected},
                       profile);
    cr_expect_str_eq(name_of(place), "entry_[k]");
    cr_expect_str_eq(name_of(other), "[kernel]");
    cr_expect_eq(profile->message_count, 0);
    cr_assert_eq(collected.count, 1);
    cr_expect_eq(symbol_store_count(collected.items[0].store), 1);
    symbol_archive_release(&archived.symbols);
    symbol_archive_release(&collected);
}

/* A path says nothing of another machine's file. */
Test(symbol_frames, without_a_build_id_the_archive_alone_is_asked)
{
    void *found = (void *)(uintptr_t)a_function_with_a_name; /* NOLINT: as dladdr wants it */
    struct sources archived = {.count = 0};
    Dl_info info;

    cr_assert_neq(dladdr(found, &info), 0);
    char *path = realpath("/proc/self/exe", NULL);
    uint64_t address = (uint64_t)((char *)found - (char *)info.dli_fbase);
    uint32_t here = code_places_add(&code, code_places_image(&code, path, NULL, 0), address);
    code.archive = 1;
    uint32_t there = code_places_add(&code, code_places_image(&code, path, NULL, 0), address);
    cr_assert_neq(here, there);
    code.places[there].self_samples = 1;
    symbol_frames_init(&frames, &code, &archived, &(struct load_options){0}, profile);
    cr_expect_str_eq(name_of(here), "a_function_with_a_name");
    cr_expect_str_neq(name_of(there), "a_function_with_a_name");
    cr_assert_eq(profile->message_count, 1);
    cr_expect_not_null(strstr(profile->messages[0], "the archive has no symbols of"));
    free(path);
}
