/*
 * A program started without its starter noticing: no child, no SIGCHLD, none of its
 * descriptors or of our environment. The analyzer is looked for beside the file that
 * holds self_report(): here this test, started anew by a link beside a script.
 */
#include "preload/self_report.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static volatile int children;

static void count_child(int signal)
{
    (void)signal;
    children++;
}

/* What the test wants to know, on stdout, one word each. */
__attribute__((constructor)) static void be_profiled(void)
{
    const char *const arguments[] = {"report", "--all", NULL};

    if (!getenv("PROFINJECT_SELF_REPORT_TEST"))
        return;
    signal(SIGCHLD, count_child);
    errno = ENOTTY;
    int status = self_report(arguments, "its.pinj");
    printf("status %d errno %s children %d ", status, errno == ENOTTY ? "kept" : "lost", children);
    printf("%s\n", wait(NULL) < 0 && errno == ECHILD ? "none" : "some");
    fflush(stdout);
    _exit(0);
}

static const char *run(const char *script)
{
    char self[4096];
    ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);

    cr_assert_gt(size, 0);
    self[size] = '\0';
    cr_assert_eq(symlink(self, "target"), 0);
    if (script != NULL) {
        scratch_write("profinject", script);
        chmod("profinject", 0700);
    }
    cr_assert_eq(system("PROFINJECT_SELF_REPORT_TEST=1 ./target 9</dev/null >said"), 0);
    return scratch_read("said");
}

#ifdef __SANITIZE_ADDRESS__
#define SKIP "the address sanitizer has no room on a small stack"
#else
#define SKIP NULL
#endif

static void start(void)
{
    scratch_init();
    if (SKIP != NULL)
        cr_skip_test("%s", SKIP);
}

TestSuite(self_report, .init = start, .fini = scratch_release, .timeout = 20);

Test(self_report, runs_the_analyzer_unnoticed)
{
    const char *said = run("#!/bin/sh\n"
                           "{ echo \"$@\"; env | grep ^PROFINJECT_;\n"
                           "[ ! -e /proc/$$/fd/9 ] || echo leaked; } >ran\n");

    cr_assert_str_eq(said, "status 0 errno kept children 0 none\n");
    cr_assert_str_eq(scratch_read("ran"), "report --all its.pinj\n");
}

Test(self_report, says_when_the_analyzer_fails)
{
    char expected[64];

    snprintf(expected, sizeof(expected), "status %d errno kept children 0 none\n", -EIO);
    cr_assert_str_eq(run("#!/bin/sh\nexit 3\n"), expected);
}

Test(self_report, says_when_there_is_none)
{
    char expected[64];

    snprintf(expected, sizeof(expected), "status %d errno kept children 0 none\n", -ENOENT);
    cr_assert_str_eq(run(NULL), expected);
}
