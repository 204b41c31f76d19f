/*
 * Where a command's result goes: stdout, or a file that appears under its name
 * only once it is whole.
 *
 * Not thread-safe. Owns its stream and names.
 */
#ifndef PROFINJECT_COMMANDS_OUTPUT_H
#define PROFINJECT_COMMANDS_OUTPUT_H

#include "analyzer/util/problem.h"

#include <stdbool.h>
#include <stdio.h>

struct output {
    FILE *stream; /* to write to */
    int fd;
    int error;       /* errno of the first write that failed */
    char *path;      /* as the user gave it, NULL for stdout */
    char *target;    /* the file behind it, when that is to be replaced */
    char *temporary; /* what is written until then */
};

/*
 * Opens `path`, or stdout for NULL and "-". A regular or new file is written
 * under a temporary name beside it; devices and pipes are written directly.
 * 0 or PROBLEM_SYSTEM.
 */
int output_init(struct output *output, const char *path, struct problem *problem);

/* Writes out what is buffered and gives the file its name. 0, or PROBLEM_SYSTEM
 * when anything since output_init() could not be written. */
int output_commit(struct output *output, struct problem *problem);

/* Closes; without a commit before, a temporary file is removed again. */
void output_release(struct output *output);

#endif
