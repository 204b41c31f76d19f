/* Only what a dead process of this recording left behind is removed. */
#include "analyzer/record/stale_rings.h"
#include "preload/contract/drain_encode.h"
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

TestSuite(stale_rings, .init = scratch_init, .fini = scratch_release);

static pid_t dead_process(void)
{
    pid_t gone = fork();

    if (gone == 0)
        _exit(0);
    waitpid(gone, NULL, 0);
    return gone;
}

Test(stale_rings, the_dead_of_this_recording)
{
    struct recording recording = {.id = 0x12ab};
    char dead[64];
    char alive[64];
    pid_t gone = dead_process();

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

/* A recording, with a trace of three samples, and the ring of a process that was killed with two
 * more in it. */
static char ring_name[64];

static void start_recording(void)
{
    struct recording recording = {0};
    char path[PATH_MAX];

    drain_start();
    snprintf(path, sizeof(path), "%s/recording", scratch_path);
    cr_assert_eq(recording_create(&recording, path, false), 0);
    snprintf(ring->trace, sizeof(ring->trace), "%s/recording/a.1.pinj", scratch_path);
    open_trace("recording/a.1.pinj");
    struct ring_slot *slot = invent_thread(1);
    for (unsigned i = 0; i < 5; i++) {
        if (i == 3)
            cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
        cr_assert(put_sample(slot, (struct ring_sample){.stack = invent_stack(i, 3, 1),
                                                        .time_ns = 2000000 + i * 1000,
                                                        .weight = 1}));
    }
    snprintf(ring_name, sizeof(ring_name), "profinject.%016llx.%d.ring",
             (unsigned long long)recording.id, (int)dead_process());
    cr_assert_eq(rename(ring_path, ring_name), 0);
}

TestSuite(stale_rings_of_all, .init = start_recording, .fini = drain_stop);

static bool is_kept(void)
{
    stale_rings_remove_all(scratch_path);
    return access(ring_name, F_OK) == 0;
}

Test(stale_rings_of_all, what_one_holds_is_in_its_trace_before_it_goes)
{
    cr_assert_not(is_kept());
    cr_assert(read_whole("recording/a.1.pinj"));
    cr_assert_eq(found.sample_count, 5);
}

Test(stale_rings_of_all, of_a_recording_that_is_gone_it_goes)
{
    cr_assert_eq(rename("recording", "moved"), 0);
    cr_assert_not(is_kept());
}

Test(stale_rings_of_all, of_one_in_whose_place_another_is_it_goes_and_nothing_is_written)
{
    struct recording another = {0};
    struct buffer start;
    char path[PATH_MAX];

    buffer_init_in(&start, ring->start, sizeof(ring->start));
    encode_property(&start, "comm", "gone", 4);
    ring->start_size = start.size;
    ring->trace_written = 0; /* as where there was no room */
    snprintf(path, sizeof(path), "%s/recording", scratch_path);
    cr_assert_eq(recording_create(&another, path, true), 0);
    cr_assert_not(is_kept());
    cr_assert_neq(access("recording/a.1.pinj", F_OK), 0, "the other one has no such process");
}

Test(stale_rings_of_all, one_that_cannot_be_written_now_stays)
{
    cr_assert_eq(unlink("recording/a.1.pinj"), 0);
    cr_assert_eq(mkdir("recording/a.1.pinj", 0700), 0);
    cr_assert(is_kept());
}

Test(stale_rings_of_all, one_of_another_namespace_of_pids_stays)
{
    ring->pid_namespace++;
    cr_assert(is_kept());
}

Test(stale_rings_of_all, one_that_somebody_is_at_stays)
{
    int fd = open(ring_name, O_RDONLY);

    cr_assert_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
    cr_assert(is_kept());
    close(fd);
    cr_assert_not(is_kept());
}

Test(stale_rings_of_all, one_whose_process_lives_stays)
{
    char alive[64];

    snprintf(alive, sizeof(alive), "profinject.00000000000012ab.%d.ring", (int)getpid());
    cr_assert_eq(rename(ring_name, alive), 0);
    cr_assert_eq(stale_rings_remove_all(scratch_path), 0);
    cr_assert_eq(access(alive, F_OK), 0);
}

Test(stale_rings_of_all, one_of_another_version_goes_when_it_is_old)
{
    const struct timespec old[2] = {{time(NULL) - 7200, 0}, {time(NULL) - 7200, 0}};

    ring->version--;
    cr_assert(is_kept());
    cr_assert_eq(utimensat(AT_FDCWD, ring_name, old, 0), 0);
    cr_assert_not(is_kept());
}
