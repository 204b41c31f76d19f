/*
 * Where separate debug files are found, and that only the right ones are taken.
 */
#include "analyzer/symbols/debug_file.h"

#include "tests/unit/compiled.h"

static struct elf_image image, debug;
static struct looked_paths looked;

/* part.so with its debug information in part.debug, both linked by name. */
static void init(void)
{
    struct problem problem = {0};

    scratch_init();
    scratch_write("part.c", "int part(int x) { return x + 1; }\n");
    compiled_run("gcc -g -shared -fPIC -nostartfiles -Wl,--build-id -o part.so part.c && "
                 "objcopy --only-keep-debug part.so part.debug && "
                 "objcopy --strip-all --add-gnu-debuglink=part.debug part.so stripped.so && "
                 "mkdir -p lib root && mv stripped.so lib/part.so && "
                 "gcc -g -shared -fPIC -nostartfiles -Wl,--build-id -DOTHER -Dpart=other "
                 "-o other.debug part.c");
    cr_assert_eq(elf_image_init(&image, "lib/part.so", &problem), 0);
}

static void release(void)
{
    elf_image_release(&image);
    looked_paths_release(&looked);
    scratch_release();
}

TestSuite(debug_file, .init = init, .fini = release);

/* Puts `file` where the build-id of part.so points to. */
static void install_by_id(const char *file)
{
    compiled_run("id=$(readelf -n part.so | sed -n 's/.*Build ID: //p') && "
                 "start=$(echo $id | cut -c1-2) && mkdir -p root/.build-id/$start && "
                 "cp %s root/.build-id/$start/$(echo $id | cut -c3-).debug",
                 file);
}

static int by_id(void)
{
    return debug_file_init_by_id(&debug, &looked, "root", image.build_id, image.build_id_size);
}

static int by_link(void)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/lib/part.so", scratch_path);
    return debug_file_init_by_link(&debug, &looked, "root", &image, path);
}

Test(debug_file, by_build_id)
{
    cr_expect_eq(by_id(), PROBLEM_NOTHING);
    cr_assert_eq(looked.count, 1, "what was not found was looked for too");
    install_by_id("part.debug");
    cr_assert_eq(by_id(), 0);
    cr_assert_eq(looked.count, 2);
    cr_expect_str_eq(looked.paths[0], looked.paths[1]);
    cr_expect(debug.has_dwarf);
    elf_image_release(&debug);
}

Test(debug_file, by_build_id_of_another_build)
{
    install_by_id("other.debug");
    cr_expect_eq(by_id(), PROBLEM_NOTHING);
}

Test(debug_file, without_build_id)
{
    uint8_t long_id[ELF_BUILD_ID_MAX + 1] = {0};

    cr_expect_eq(debug_file_init_by_id(&debug, &looked, "root", NULL, 0), PROBLEM_NOTHING);
    cr_expect_eq(debug_file_init_by_id(&debug, &looked, "root", long_id, sizeof(long_id)),
                 PROBLEM_NOTHING);
}

static void expect_link(const char *directory)
{
    cr_expect_eq(by_link(), PROBLEM_NOTHING, "before %s", directory);
    compiled_run("mkdir -p %s && cp other.debug %s/part.debug", directory, directory);
    cr_expect_eq(by_link(), PROBLEM_NOTHING, "another build in %s", directory);
    compiled_run("cp part.debug %s", directory);
    cr_assert_eq(by_link(), 0, "%s", directory);
    cr_expect(debug.has_dwarf);
    elf_image_release(&debug);
}

Test(debug_file, link_beside)
{
    expect_link("lib");
}

Test(debug_file, link_in_dot_debug)
{
    expect_link("lib/.debug");
}

Test(debug_file, link_below_root)
{
    char directory[4096];

    snprintf(directory, sizeof(directory), "root%s/lib", scratch_path);
    expect_link(directory);
}

/* gdb's own example: the debug information of "ls" is ".debug/ls", or has its path below the root.
 * What is beside it under that name is the module itself, with the right build-id. */
Test(debug_file, link_with_the_name_of_the_module)
{
    struct problem problem = {0};
    char directory[4096];

    snprintf(directory, sizeof(directory), "root%s/lib", scratch_path);
    elf_image_release(&image);
    compiled_run("mkdir -p lib/.debug %s && cp part.debug lib/.debug/part.so && "
                 "objcopy --remove-section=.gnu_debuglink lib/part.so && "
                 "objcopy --add-gnu-debuglink=lib/.debug/part.so lib/part.so",
                 directory);
    cr_assert_eq(elf_image_init(&image, "lib/part.so", &problem), 0);
    cr_assert_eq(by_link(), 0);
    cr_expect(debug.has_dwarf);
    elf_image_release(&debug);
    compiled_run("mv lib/.debug/part.so %s", directory);
    cr_assert_eq(by_link(), 0);
    cr_expect(debug.has_dwarf);
    elf_image_release(&debug);
    compiled_run("rm %s/part.so", directory);
    cr_expect_eq(by_link(), PROBLEM_NOTHING);
}

/* Without a build-id the checksum decides. */
Test(debug_file, link_by_checksum)
{
    struct problem problem = {0};

    elf_image_release(&image);
    compiled_run("objcopy --remove-section=.note.gnu.build-id lib/part.so && cp part.debug lib");
    cr_assert_eq(elf_image_init(&image, "lib/part.so", &problem), 0);
    cr_assert_eq(image.build_id_size, 0);
    cr_assert_eq(by_link(), 0);
    elf_image_release(&debug);
    compiled_run("printf x >>lib/part.debug");
    cr_expect_eq(by_link(), PROBLEM_NOTHING);
}
