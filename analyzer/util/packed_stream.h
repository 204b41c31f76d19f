/*
 * A stream whose text ends up in another as base64 of gzip: how data lies in a page, a fifth of its
 * size and without a character that means anything to HTML.
 *
 * Not thread-safe. The stream beneath must outlive it and stays open.
 */
#ifndef PROFINJECT_UTIL_PACKED_STREAM_H
#define PROFINJECT_UTIL_PACKED_STREAM_H

#include <stdio.h>

/* To be written to, then closed by fclose(): only then all is in `out`. Failures to write show in
 * ferror(out). The same text gives the same bytes. */
FILE *packed_stream_open(FILE *out);

#endif
