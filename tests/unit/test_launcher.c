/* A launched command is as one run directly. */
#include "analyzer/record/launcher.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct launch launch;
static struct problem problem;

static pid_t others[2];

static void note_other(void *context, pid_t pid)
{
    pid_t *place = context;
    *place = pid;
}

static void ignore_other(void *context, pid_t pid)
{
    (void)context, (void)pid;
}

static int start(const char *script)
{
    char *argv[] = {"sh", "-c", (char *)(uintptr_t)script, NULL};

    return launch_start(&launch, argv, &problem);
}

/* Runs to the end; the exit status, or 1000 and the signal. */
static int run(const char *script)
{
    cr_assert_eq(start(script), 0);
    launch_wait(&launch, ignore_other, NULL);
    return launch.signalled ? 1000 + launch.status : launch.status;
}

Test(launcher, exit_statuses_and_signals)
{
    cr_assert_eq(run("exit 0"), 0);
    cr_assert_eq(run("exit 255"), 255);
    cr_assert_eq(run("kill -9 $$"), 1000 + SIGKILL);
    cr_assert_eq(run("kill -2 $$"), 1000 + SIGINT);
}

Test(launcher, what_cannot_be_run)
{
    char *missing[] = {"no-such-command", NULL};
    char *unfit[] = {"/etc/passwd", NULL};

    cr_assert_neq(launch_start(&launch, missing, &problem), 0);
    cr_assert_eq(errno, ENOENT);
    cr_assert_str_eq(problem.text, "cannot run 'no-such-command': No such file or directory");
    cr_assert_neq(launch_start(&launch, unfit, &problem), 0);
    cr_assert_eq(errno, EACCES);
}

Test(launcher, ctrl_c_ends_the_command_and_not_the_launcher)
{
    cr_assert_eq(start("sleep 10"), 0);
    raise(SIGINT);
    raise(SIGQUIT);
    kill(launch.pid, SIGINT);
    launch_wait(&launch, ignore_other, NULL);
    cr_assert(launch.signalled);
    cr_assert_eq(launch.status, SIGINT);
}

Test(launcher, children_that_are_not_the_command_are_told_of)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    cr_assert_eq(start("sleep 0.2; exit 3"), 0);
    launch_wait(&launch, note_other, &others[0]);
    cr_assert_eq(launch.status, 3);
    cr_assert_eq(others[0], child);
}

Test(launcher, terminate_and_hang_up_are_passed_on)
{
    for (int number = SIGHUP; number <= SIGTERM; number += SIGTERM - SIGHUP) {
        cr_assert_eq(start("exec sleep 10"), 0);
        raise(number);
        launch_wait(&launch, ignore_other, NULL);
        cr_assert(launch.signalled);
        cr_assert_eq(launch.status, number);
    }
}

/* The word after `name` in this process's status, as a number. */
static uint64_t own_mask(const char *name)
{
    char line[256];
    uint64_t mask = 0;
    FILE *in = fopen("/proc/self/status", "re");

    cr_assert_not_null(in);
    while (fgets(line, sizeof(line), in) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            mask = strtoull(line + strlen(name), NULL, 16);
    fclose(in);
    return mask;
}

/* Whether a command finds the same signals ignored and blocked as we have them;
 * without a shell, which would change them. */
static bool masks_are_ours(void)
{
    char program[256];
    char *argv[] = {"awk", program, "/proc/self/status", NULL};

    snprintf(program, sizeof(program),
             "/^SigIgn:/ && $2 != \"%016" PRIx64 "\" || /^SigBlk:/ && $2 != \"%016" PRIx64
             "\" { print; wrong = 1 } END { exit wrong }",
             own_mask("SigIgn:"), own_mask("SigBlk:"));
    cr_assert_eq(launch_start(&launch, argv, &problem), 0);
    launch_wait(&launch, ignore_other, NULL);
    return !launch.signalled && launch.status == 0;
}

Test(launcher, dispositions_and_mask_are_inherited_as_they_were)
{
    sigset_t set;

    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    cr_assert(masks_are_ours());
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_SETMASK, &set, NULL);
    /* Bits count from 0 for signal 1: SIGHUP 1, SIGINT 2, SIGCHLD 17, SIGUSR1 10. */
    cr_assert_eq(own_mask("SigIgn:") & 0x10003, 0x10003);
    cr_assert_eq(own_mask("SigBlk:"), 0x200);
    cr_assert(masks_are_ours());
    struct sigaction after;
    sigaction(SIGINT, NULL, &after);
    cr_assert_eq(after.sa_handler, SIG_IGN, "and put back afterwards");
}
