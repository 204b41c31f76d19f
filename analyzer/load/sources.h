/*
 * The traces a user means: files as they are, recording directories as what they
 * hold, archives as the recordings in them, nothing as the newest recording in the
 * current directory.
 *
 * Owns its strings. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_SOURCES_H
#define PROFINJECT_LOAD_SOURCES_H

#include "analyzer/load/manifest.h"
#include "analyzer/symbols/symbol_archive.h"
#include "analyzer/trace/trace_copies.h"
#include "analyzer/util/problem.h"
#include "analyzer/util/scratch_directory.h"

#include <stddef.h>
#include <sys/types.h>

/* Which file it is, whatever path leads there. */
struct file_identity {
    dev_t device;
    ino_t inode;
};

struct source {
    char *path;          /* of a trace; in an archive what it is called there */
    const char *content; /* to be read for it: `path`, that of a copy, or `unpacked` */
    char *unpacked;      /* NULL: it does not come from an archive */
    char *beside;        /* the directory it really lies in, with a slash or ".": */
    unsigned archive;    /* number of the archive it comes from, 0: none */
    struct file_identity file, directory;
    struct manifest manifest; /* of the recording it lies in; zeroed when in none */
};

struct sources {
    struct source *traces; /* each file once, in the order given, by name within a directory */
    size_t count, capacity;
    size_t twins;      /* traces left out because another copy of them is there */
    char **recordings; /* directories that were given, or unpacked */
    const struct trace_copies *copies;
    size_t recording_count, recording_capacity;
    struct symbol_archive symbols;    /* of all archives */
    struct scratch_directory scratch; /* what they were unpacked into */
    struct file_identity *archives;
    size_t archive_count, archive_capacity;
};

/* Fills `sources`. 0, or a problem: a path that is not there, a directory that is
 * no recording or holds no trace, an archive that is damaged. Released by the caller in either case. `copies` are read
 * for the traces they stand for, and must outlive it; NULL: none. */
int sources_init(struct sources *sources, const char *const *paths, size_t count,
                 const struct trace_copies *copies, struct problem *problem);
void sources_release(struct sources *sources);

/* The recording that no path at all means, or NULL; to be freed. */
char *sources_newest(void);

#endif
