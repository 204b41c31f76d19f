/* Manifests as record and library leave them. */
#include "analyzer/load/manifest.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>

static struct manifest manifest;

TestSuite(manifest, .init = scratch_init, .fini = scratch_release);

Test(manifest, everything_in_it)
{
    scratch_write("manifest", "profinject-recording 1\nid=0123456789abcdef\n"
                              "created_realtime_ns=1795172616742438934\nrings=/dev/shm\n"
                              "pid=4711\ncommand=x=1 pid=3\nsomething=else\n"
                              "ended_monotonic_ns=77\nexit=exit 7\n");
    cr_assert(manifest_read(".", &manifest));
    cr_assert_eq(manifest.created_ns, 1795172616742438934);
    cr_assert_eq(manifest.pid, 4711);
    cr_assert_eq(manifest.end, MANIFEST_END_EXIT);
    cr_assert_eq(manifest.end_status, 7);
    cr_assert_eq(manifest.ended_ns, 77);
}

Test(manifest, a_later_line_replaces_an_earlier_one)
{
    scratch_write("manifest", "profinject-recording 1\npid=1\nexit=exit 7\nexit=signal 9\npid=2");
    cr_assert(manifest_read(".", &manifest));
    cr_assert_eq(manifest.pid, 2);
    cr_assert_eq(manifest.end, MANIFEST_END_SIGNAL);
    cr_assert_eq(manifest.end_status, 9);
}

Test(manifest, what_is_none)
{
    cr_assert_not(manifest_read(".", &manifest));
    cr_assert_not(manifest_read("missing", &manifest));
    scratch_write("manifest", "");
    cr_assert_not(manifest_read(".", &manifest));
    scratch_write("manifest", "profinject-recording 12\nid=1\n");
    cr_assert_not(manifest_read(".", &manifest));
    scratch_write("manifest", "<xml/>\nid=1\n");
    cr_assert_not(manifest_read(".", &manifest));
}
