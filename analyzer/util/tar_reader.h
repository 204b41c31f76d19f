/*
 * Reads a tar archive compressed by zstd, one file after the other, believing nothing: members
 * that are no regular files, names that do not end or lead elsewhere, damage, and more bytes or
 * files than were allowed are errors.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_UTIL_TAR_READER_H
#define PROFINJECT_UTIL_TAR_READER_H

#include "analyzer/util/problem.h"
#include "analyzer/util/tar_format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct tar_entry {
    char directory[TAR_PREFIX_MAX + 1]; /* "": none */
    char name[TAR_NAME_MAX + 1];        /* one plain name each, not beginning with a dot */
    uint64_t size;
};

/* What may come out at most. */
struct tar_limits {
    uint64_t bytes;
    size_t files;
};

struct tar_reader;

/* True when the file begins as what zstd compressed does; not read any further. */
bool tar_reader_is_compressed(const char *path);

/* Opens `path`; `limits` by the size of the file that was opened are the caller's choice
 * afterwards. NULL and a problem when it cannot be opened. */
struct tar_reader *tar_reader_new(const char *path, struct problem *problem);
void tar_reader_free(struct tar_reader *reader); /* NULL is allowed */

/* Of the compressed file, in bytes. */
uint64_t tar_reader_file_size(const struct tar_reader *reader);

/* After a problem: the file ended within what is compressed, as an interrupted copy does. */
bool tar_reader_is_cut(const struct tar_reader *reader);
void tar_reader_set_limits(struct tar_reader *reader, struct tar_limits limits);

/* 1 and the next file, whatever was left of the one before; 0 at the end; or a problem. */
int tar_reader_next(struct tar_reader *reader, struct tar_entry *entry, struct problem *problem);

/* How many of the current file's next bytes are in `bytes` now, at most `size`: 0 at its end; or
 * a problem. */
int64_t tar_reader_read(struct tar_reader *reader, void *bytes, size_t size,
                        struct problem *problem);

#endif
