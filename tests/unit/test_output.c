/* Results are whole or not there. */
#include "analyzer/commands/output.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

static struct output output;
static struct problem problem;

TestSuite(output, .init = scratch_init, .fini = scratch_release);

static mode_t mode_of(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 ? status.st_mode & 07777 : 0;
}

static size_t count_files(void)
{
    glob_t found;
    size_t count = glob("*", 0, NULL, &found) == 0 ? found.gl_pathc : 0;

    globfree(&found);
    return count;
}

Test(output, a_file_appears_with_the_commit)
{
    umask(022);
    cr_assert_eq(output_init(&output, "out", &problem), 0);
    fputs("text\n", output.stream);
    fflush(output.stream);
    cr_assert_neq(access("out", F_OK), 0);
    cr_assert_eq(output_commit(&output, &problem), 0);
    output_release(&output);
    cr_assert_str_eq(scratch_read("out"), "text\n");
    cr_assert_eq(mode_of("out"), 0644);
    cr_assert_eq(count_files(), 1);
}

Test(output, without_a_commit_the_old_file_stays)
{
    scratch_write("out", "old");
    cr_assert_eq(output_init(&output, "out", &problem), 0);
    fputs("new", output.stream);
    output_release(&output);
    cr_assert_str_eq(scratch_read("out"), "old");
    cr_assert_eq(count_files(), 1);
}

Test(output, a_link_stays_and_permissions_too)
{
    scratch_write("file", "old");
    chmod("file", 0640);
    cr_assert_eq(symlink("file", "link"), 0);
    cr_assert_eq(output_init(&output, "link", &problem), 0);
    fputs("new", output.stream);
    cr_assert_eq(output_commit(&output, &problem), 0);
    output_release(&output);
    cr_assert_str_eq(scratch_read("file"), "new");
    cr_assert_eq(mode_of("file"), 0640);
    struct stat status;
    cr_assert_eq(lstat("link", &status), 0);
    cr_assert(S_ISLNK(status.st_mode));
}

Test(output, a_full_device_is_named_with_its_reason)
{
    cr_assert_eq(output_init(&output, "/dev/full", &problem), 0);
    for (int i = 0; i < 100000; i++)
        fputs("more than any buffer holds\n", output.stream);
    cr_assert_eq(output_commit(&output, &problem), PROBLEM_SYSTEM);
    cr_assert_str_eq(problem.text, "cannot write '/dev/full': No space left on device");
    output_release(&output);
}

Test(output, what_cannot_be_opened)
{
    cr_assert_eq(output_init(&output, "missing/out", &problem), PROBLEM_SYSTEM);
    cr_assert_str_eq(problem.text, "cannot write 'missing/out': No such file or directory");
    mkdir("directory", 0700);
    cr_assert_eq(output_init(&output, "directory", &problem), PROBLEM_SYSTEM);
    cr_assert_str_eq(problem.text, "cannot write 'directory': Is a directory");
}
