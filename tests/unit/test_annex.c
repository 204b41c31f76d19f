/* Unit tests of preload/contract/annex.c. */
#include "preload/contract/annex.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct recording annex;

static void stop(void)
{
    const char *const names[] = {RECORDING_MANIFEST, RECORDING_MESSAGES};
    char path[PATH_MAX + 16];

    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/%s", annex.path, names[i]);
        unlink(path);
    }
    rmdir(annex.path);
    scratch_release();
}

TestSuite(annex, .init = scratch_init, .fini = stop);

Test(annex, who_comes_second_joins_the_first)
{
    struct recording second;
    char prefix[64], other[64];
    struct stat status;

    cr_assert_eq(annex_open(&annex, scratch_path), 0);
    cr_assert_eq(annex_open(&second, scratch_path), 0);
    cr_assert_eq(second.id, annex.id);
    cr_assert_str_eq(second.path, annex.path);
    cr_assert_eq(stat(annex.path, &status), 0);
    cr_assert_eq(status.st_mode & 07777, 0700);
    annex_prefix(scratch_path, prefix, sizeof(prefix));
    cr_assert_eq(strncmp(strrchr(annex.path, '/') + 1, prefix, strlen(prefix)), 0);
    annex_prefix("/another", other, sizeof(other));
    cr_assert_str_neq(prefix, other);
}

Test(annex, a_place_that_others_may_write_to_is_not_it)
{
    cr_assert_eq(annex_open(&annex, scratch_path), 0);
    cr_assert_eq(chmod(annex.path, 0777), 0);
    struct recording second;
    cr_assert_eq(annex_open(&second, scratch_path), -EPERM);
}
