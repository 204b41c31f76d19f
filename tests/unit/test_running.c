/* Asking a process: found by what it has mapped, asked, and who cannot be. */
#include "analyzer/record/running.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>

static pid_t child;
static struct running running;
static struct problem problem;

/* A profiled process, as seen from outside: it has a ring file, and answers. */
static void be_profiled(int ready, bool answers)
{
    ring = ring_make(1);
    if (write(ready, ring_path, sizeof(ring_path)) != sizeof(ring_path))
        _exit(1);
    for (;;) {
        uint32_t asked = __atomic_load_n(&ring->asked, __ATOMIC_ACQUIRE);
        if (asked > 0 && !answers)
            _exit(0);
        ring->sampling = (ring->requests & RING_ASK_RESUME) != 0;
        __atomic_store_n(&ring->answered, asked, __ATOMIC_RELEASE);
        usleep(1000);
    }
}

static void start_child(bool answers)
{
    int ends[2];

    /* Nobody waits for it: it is gone at once when it ends. */
    signal(SIGCHLD, SIG_IGN);
    cr_assert_eq(pipe(ends), 0);
    child = fork();
    if (child == 0)
        be_profiled(ends[1], answers);
    cr_assert_eq(read(ends[0], ring_path, sizeof(ring_path)), sizeof(ring_path));
}

static void stop(void)
{
    running_release(&running);
    if (child > 0)
        kill(child, SIGKILL);
    scratch_release();
}

TestSuite(running, .init = scratch_init, .fini = stop, .timeout = 20);

Test(running, is_found_and_answers)
{
    start_child(true);
    cr_assert_eq(running_init(&running, child, &problem), 0, "%s", problem.text);
    cr_assert_eq(running.ring->pid, child);
    cr_assert_eq(running_ask(&running, RING_ASK_RESUME, &problem), 0, "%s", problem.text);
    cr_assert_eq(running.ring->sampling, 1);
    cr_assert_eq(running.ring->requests, RING_ASK_RESUME);
    cr_assert_eq(running_ask(&running, RING_ASK_TOGGLE, &problem), 0);
    cr_assert_eq(running_ask(&running, RING_ASK_TOGGLE, &problem), 0);
    cr_assert_eq(running.ring->requests, RING_ASK_RESUME, "two toggles cancel out");
    cr_assert_eq(running.ring->asked, 3);
}

static void expect_refusal(pid_t pid, const char *format)
{
    char expected[128];

    cr_assert_eq(running_init(&running, pid, &problem), PROBLEM_SYSTEM);
    snprintf(expected, sizeof(expected), format, (int)pid);
    cr_assert_str_eq(problem.text, expected);
}

Test(running, who_cannot_be_asked)
{
    expect_refusal(getpid(), "cannot ask '%d': it is not profiled");
    expect_refusal(4194304, "cannot ask '%d': No such process"); /* above all pids */
    start_child(true);
    unlink(ring_path);
    expect_refusal(child, "cannot ask '%d': its profile has ended");
}

Test(running, another_version_is_not_touched)
{
    uint32_t other = RING_VERSION + 1;

    start_child(true);
    FILE *file = fopen(ring_path, "r+");
    fseek(file, offsetof(struct ring_file, version), SEEK_SET);
    fwrite(&other, sizeof(other), 1, file);
    fclose(file);
    expect_refusal(child, "cannot ask '%d': it is profiled by another version of profinject");
}

Test(running, an_end_while_it_is_asked_is_noticed)
{
    char expected[64];

    start_child(false);
    cr_assert_eq(running_init(&running, child, &problem), 0, "%s", problem.text);
    cr_assert_eq(running_ask(&running, RING_ASK_PAUSE, &problem), PROBLEM_SYSTEM);
    snprintf(expected, sizeof(expected), "cannot ask '%d': it has ended", (int)child);
    cr_assert_str_eq(problem.text, expected);
}
