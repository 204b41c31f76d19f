/*
 * That what was looked for is noted, found or not.
 */
#include "analyzer/symbols/looked_paths.h"

#include "tests/unit/compiled.h"

TestSuite(looked_paths, .init = scratch_init, .fini = scratch_release);

Test(looked_paths, notes_what_is_there_and_what_is_not)
{
    struct looked_paths looked = {0};
    struct problem problem = {0};
    struct elf_image image;

    cr_expect_eq(looked_paths_open(&looked, &image, "missing", &problem), PROBLEM_SYSTEM);
    cr_expect_eq(looked_paths_open(&looked, &image, "/proc/self/exe", &problem), 0);
    elf_image_release(&image);
    cr_assert_eq(looked.count, 2);
    cr_expect_str_eq(looked.paths[0], "missing");
    cr_expect_str_eq(looked.paths[1], "/proc/self/exe");
    looked_paths_release(&looked);
    cr_expect_eq(looked.count, 0);
    cr_expect_eq(looked_paths_open(NULL, &image, "missing", &problem), PROBLEM_SYSTEM);
}
