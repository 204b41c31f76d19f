/*
 * A private directory for what must be files for a while. It goes when the work is done, and
 * when the process dies, however: a child waits for that.
 *
 * Forks; not thread-safe.
 */
#ifndef PROFINJECT_UTIL_SCRATCH_DIRECTORY_H
#define PROFINJECT_UTIL_SCRATCH_DIRECTORY_H

#include "analyzer/util/problem.h"

#include <sys/types.h>

struct scratch_directory {
    char *path; /* NULL: there is none */
    int pipe;   /* the child waits for its end */
    pid_t child;
};

/* Makes one in TMPDIR, or in /tmp. 0 or PROBLEM_SYSTEM. */
int scratch_directory_init(struct scratch_directory *scratch, struct problem *problem);

/* Removes it with its files and directories of files. Harmless on one that is all zeros. */
void scratch_directory_release(struct scratch_directory *scratch);

#endif
