/*
 * Known answer for process trees: five processes, each of which burns CPU in a
 * function named after its role and prints `ROLE PID PPID`.
 *
 *     fork_tree SECONDS        (by its path: it starts itself again)
 *
 *     root --- left        fork and exec
 *          +-- middle      vfork and exec
 *          |     +-- leaf  fork alone
 *          +-- right       posix_spawn
 */
#include "burn.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

BURN_FUNCTION(burn_root)
BURN_FUNCTION(burn_left)
BURN_FUNCTION(burn_middle)
BURN_FUNCTION(burn_leaf)
BURN_FUNCTION(burn_right)

/* In one write, so that lines of several processes do not mix. */
static void announce(const char *role)
{
    char line[64];
    int size = snprintf(line, sizeof line, "%s %d %d\n", role, getpid(), getppid());
    if (write(STDOUT_FILENO, line, (size_t)size) != size)
        _exit(1);
}

static pid_t start_by_fork(char **argv)
{
    pid_t pid = fork();
    if (pid == 0) {
        execv(argv[0], argv);
        _exit(127);
    }
    return pid;
}

static pid_t start_by_vfork(char **argv)
{
    pid_t pid = vfork();
    if (pid == 0) {
        execv(argv[0], argv);
        _exit(127);
    }
    return pid;
}

static pid_t start_by_spawn(char **argv)
{
    pid_t pid = -1;
    return posix_spawn(&pid, argv[0], NULL, NULL, argv, environ) == 0 ? pid : -1;
}

/* 0 when the child ended well. */
static int wait_for(pid_t pid)
{
    int status = 0;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 1;
}

static int middle(double seconds)
{
    announce("middle");
    pid_t leaf = fork();
    if (leaf == 0) {
        announce("leaf");
        burn_leaf(seconds);
        exit(0);
    }
    burn_middle(seconds);
    return wait_for(leaf);
}

static int root(char *program, char *seconds_text)
{
    char *left[] = {program, seconds_text, "left", NULL};
    char *middle_one[] = {program, seconds_text, "middle", NULL};
    char *right[] = {program, seconds_text, "right", NULL};
    announce("root");
    pid_t children[] = {start_by_fork(left), start_by_vfork(middle_one), start_by_spawn(right)};
    burn_root(atof(seconds_text));
    return wait_for(children[0]) | wait_for(children[1]) | wait_for(children[2]);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 0;
    if (argc == 2)
        return root(argv[0], argv[1]);
    if (argc == 3 && strcmp(argv[2], "middle") == 0)
        return middle(seconds);
    if (argc == 3 && strcmp(argv[2], "left") == 0) {
        announce("left");
        burn_left(seconds);
        return 0;
    }
    if (argc == 3 && strcmp(argv[2], "right") == 0) {
        announce("right");
        burn_right(seconds);
        return 0;
    }
    return 2;
}
