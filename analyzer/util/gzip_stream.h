/*
 * Bytes to a stream, compressed as gzip does. What fails to be written shows in ferror(out).
 *
 * Owns its memory, not the stream. Not thread-safe.
 */
#ifndef PROFINJECT_UTIL_GZIP_STREAM_H
#define PROFINJECT_UTIL_GZIP_STREAM_H

#include <stddef.h>
#include <stdio.h>

struct gzip_stream;

struct gzip_stream *gzip_stream_new(FILE *out);
void gzip_stream_write(struct gzip_stream *stream, const void *bytes, size_t size);

/* Writes the end, and frees. */
void gzip_stream_finish(struct gzip_stream *stream);

#endif
