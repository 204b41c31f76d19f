/* Only what a dead process of this recording left behind is removed. */
#include "analyzer/record/stale_rings.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <sys/wait.h>

TestSuite(stale_rings, .init = scratch_init, .fini = scratch_release);

Test(stale_rings, the_dead_of_this_recording)
{
    struct recording recording = {.id = 0x12ab};
    char dead[64];
    char alive[64];
    pid_t gone = fork();

    if (gone == 0)
        _exit(0);
    waitpid(gone, NULL, 0);
    snprintf(dead, sizeof(dead), "profinject.00000000000012ab.%d.ring", (int)gone);
    snprintf(alive, sizeof(alive), "profinject.00000000000012ab.%d.ring", (int)getpid());
    const char *const others[] = {
        alive,
        "profinject.00000000000012ac.999999999.ring",
        "profinject.00000000000012ab.x.ring",
        "profinject.00000000000012ab.-5.ring",
        "profinject.00000000000012ab.999999999.rings",
        "notes",
    };
    scratch_write(dead, "");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        scratch_write(others[i], "");
    snprintf(recording.rings, sizeof(recording.rings), "%s", scratch_path);
    cr_assert_eq(stale_rings_remove(&recording), 1);
    cr_assert_neq(access(dead, F_OK), 0);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        cr_assert_eq(access(others[i], F_OK), 0, "%s", others[i]);
}

Test(stale_rings, a_missing_directory_is_no_trouble)
{
    struct recording recording = {.rings = "/nowhere/at/all"};

    cr_assert_eq(stale_rings_remove(&recording), 0);
}
