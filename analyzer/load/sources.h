/*
 * The traces a user means: files as they are, recording directories as what they
 * hold, nothing as the newest recording in the current directory.
 *
 * Owns its strings. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_SOURCES_H
#define PROFINJECT_LOAD_SOURCES_H

#include "analyzer/load/manifest.h"
#include "analyzer/util/problem.h"

#include <stddef.h>
#include <sys/types.h>

/* Which file it is, whatever path leads there. */
struct file_identity {
    dev_t device;
    ino_t inode;
};

struct source {
    char *path; /* of a trace */
    struct file_identity file, directory;
    struct manifest manifest; /* of the recording it lies in; zeroed when in none */
};

struct sources {
    struct source *traces; /* each file once, in the order given, by name within a directory */
    size_t count, capacity;
    char **recordings; /* directories that were given */
    size_t recording_count, recording_capacity;
};

/* Fills `sources`. 0, or a problem: a path that is not there, a directory that is
 * no recording or holds no trace. Released by the caller in either case. */
int sources_init(struct sources *sources, const char *const *paths, size_t count,
                 struct problem *problem);
void sources_release(struct sources *sources);

#endif
