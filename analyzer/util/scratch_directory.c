/*
 * scratch_directory.h: its own file because it outlives the process, in a way.
 */
#include "analyzer/util/scratch_directory.h"

#include "analyzer/util/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESCRIPTORS 16

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    (void)remove(path);
    return 0;
}

static void remove_all(const char *path)
{
    (void)nftw(path, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* What ends the parent, from a terminal or a session, must not end it before it is done. */
static _Noreturn void wait_for_end(const char *path, int end)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
    char byte;

    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        (void)signal(signals[i], SIG_IGN);
    if (end > 0)
        (void)dup2(end, 0);
    (void)close_range(1, ~0u, 0); /* whoever reads the parent's output waits for its end */
    while (read(0, &byte, 1) < 0 && errno == EINTR)
        continue;
    remove_all(path);
    _exit(0);
}

static int start_child(struct scratch_directory *scratch)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    (void)fflush(NULL);
    scratch->child = fork();
    if (scratch->child == 0) {
        close(ends[1]);
        wait_for_end(scratch->path, ends[0]);
    }
    close(ends[0]);
    scratch->pipe = ends[1];
    if (scratch->child > 0)
        return 0;
    close(ends[1]);
    return -1;
}

int scratch_directory_init(struct scratch_directory *scratch, struct problem *problem)
{
    const char *base = getenv("TMPDIR");

    memset(scratch, 0, sizeof(*scratch));
    base = base != NULL && *base == '/' ? base : "/tmp";
    scratch->path = memory_printf("%s/profinject.XXXXXX", base);
    if (mkdtemp(scratch->path) == NULL) {
        problem_errno(problem, "cannot make a directory in '%s' (TMPDIR)", base);
        free(scratch->path);
        scratch->path = NULL;
        return problem->code;
    }
    if (start_child(scratch) == 0)
        return 0;
    problem_errno(problem, "cannot start a process");
    remove_all(scratch->path);
    free(scratch->path);
    scratch->path = NULL;
    return problem->code;
}

void scratch_directory_release(struct scratch_directory *scratch)
{
    if (scratch->path == NULL)
        return;
    remove_all(scratch->path);
    (void)kill(scratch->child, SIGKILL);
    close(scratch->pipe);
    while (waitpid(scratch->child, NULL, 0) < 0 && errno == EINTR)
        continue;
    free(scratch->path);
    scratch->path = NULL;
}
