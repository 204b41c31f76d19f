/*
 * fork_child WAY SECONDS: a fork child burns CPU time, and its parent waits.
 *   compute   in one loop that calls nothing of the C library but the clock
 *   allocate  likewise, an allocation now and then
 *   killed    as compute, and then kills itself
 *   exec      not at all: starts /bin/true
 *   users     as another user, in another root
 *   nested    in a child of its own, which it waits for
 */
#include "burn.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

BURN_FUNCTION(burn_child)

static int in_child(int (*what)(const char *, double), const char *way, double seconds)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        exit(what(way, seconds));
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? 100 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int live(const char *way, double seconds)
{
    if (!strcmp(way, "exec")) {
        execl("/bin/true", "true", NULL);
        return 127;
    }
    if (!strcmp(way, "nested"))
        return in_child(live, "compute", seconds);
    if (!strcmp(way, "users") && (chroot("/proc") != 0 || setuid(65534) != 0))
        return 1;
    for (int i = 0; i < 10; i++) {
        burn_child(seconds / 10);
        if (!strcmp(way, "allocate"))
            free(malloc(1000));
    }
    if (!strcmp(way, "killed"))
        raise(SIGKILL);
    return 3;
}

int main(int argc, char **argv)
{
    return argc == 3 ? in_child(live, argv[1], atof(argv[2])) : 2;
}
