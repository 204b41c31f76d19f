/*
 * Which files speak for a module, and which were looked for.
 */
#include "analyzer/symbols/module_files.h"

#include "tests/unit/compiled.h"

static struct module_files files;
static struct problem problem;

static void init(void)
{
    scratch_init();
    scratch_write("part.c", "int part(int x) { return x + 1; }\n");
    compiled_run("gcc -g -shared -fPIC -nostartfiles -Wl,--build-id -o part.so part.c && "
                 "objcopy --only-keep-debug part.so part.debug && "
                 "objcopy --strip-all --add-gnu-debuglink=part.debug part.so stripped.so");
}

TestSuite(module_files, .init = init, .fini = scratch_release);

static bool was_looked_at(const char *path)
{
    for (size_t i = 0; i < files.looked.count; i++)
        if (strcmp(files.looked.paths[i], path) == 0)
            return true;
    return false;
}

Test(module_files, own_dwarf_needs_no_other_file)
{
    cr_assert_eq(module_files_open(&files, "./part.so", NULL, 0, "root", NULL, &problem), 0);
    cr_expect(files.has_image && !files.has_debug);
    cr_expect_eq(files.dwarf.image, &files.image);
    cr_expect_eq(files.looked.count, 1);
    cr_expect(was_looked_at("./part.so"));
    module_files_close(&files);
}

Test(module_files, separate_file)
{
    cr_assert_eq(module_files_open(&files, "./stripped.so", NULL, 0, "root", NULL, &problem), 0);
    cr_expect(files.has_image && files.has_debug);
    cr_expect_eq(files.dwarf.image, &files.debug);
    cr_expect_geq(files.looked.count, 3, "the build-id's place comes before the link's");
    cr_expect(was_looked_at("./part.debug"));
    module_files_close(&files);
}

Test(module_files, nothing_found)
{
    compiled_run("rm part.debug");
    cr_assert_eq(module_files_open(&files, "./stripped.so", NULL, 0, "root", NULL, &problem), 0);
    cr_expect_null(files.dwarf.image);
    cr_expect(was_looked_at("./part.debug"));
    cr_expect(was_looked_at("./.debug/part.debug"));
    cr_expect_eq(module_files_judge(&files, PROBLEM_NOTHING, 1, 0, &problem), PROBLEM_NOTHING);
    cr_expect_not_null(strstr(problem.text, "stripped"), "%s", problem.text);
    module_files_close(&files);
    cr_expect_neq(module_files_open(&files, "./gone.so", NULL, 0, "root", NULL, &problem), 0);
    cr_expect(!files.has_image && !files.has_debug);
    cr_expect(was_looked_at("./gone.so"));
    module_files_close(&files);
}
