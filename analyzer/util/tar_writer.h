/*
 * Writes files into a tar archive compressed by zstd, which `tar --zstd -tf` lists.
 *
 * Not thread-safe. The stream is the caller's; that it failed is seen there (ferror).
 */
#ifndef PROFINJECT_UTIL_TAR_WRITER_H
#define PROFINJECT_UTIL_TAR_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct tar_writer;

struct tar_writer *tar_writer_new(FILE *out);

/* Begins a file of `size` bytes in `directory` ("": none), dated `time_s`. False when its name or
 * its size is more than the format can say: then nothing was begun. */
bool tar_writer_begin(struct tar_writer *writer, const char *directory, const char *name,
                      uint64_t size, int64_t time_s);

/* Its bytes, in any number of pieces, as many as were said in all. */
void tar_writer_put(struct tar_writer *writer, const void *bytes, size_t size);

/* Both at once. */
bool tar_writer_add(struct tar_writer *writer, const char *directory, const char *name,
                    const void *bytes, size_t size, int64_t time_s);

/* Writes the end, and frees. */
void tar_writer_finish(struct tar_writer *writer);

#endif
