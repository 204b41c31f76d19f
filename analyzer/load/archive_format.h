/*
 * What an archive is made of: a tar archive compressed by zstd, of
 *
 *   profinject-archive        first of all: "profinject-archive 1\n"
 *   1/manifest, 1/COMM.PID.pinj, ...  the files of the first recording; 2/... of another
 *   symbols/BUILDID-HASH      a symbol store (symbol_store_format.c) for each module, its key
 *                             the module's path; "none-HASH" for one without a build-id
 *
 * and nothing else. A directory without a manifest holds traces that were given by themselves.
 */
#ifndef PROFINJECT_LOAD_ARCHIVE_FORMAT_H
#define PROFINJECT_LOAD_ARCHIVE_FORMAT_H

#include "analyzer/symbols/symbol_store.h"

#define ARCHIVE_MARK "profinject-archive"
#define ARCHIVE_VERSION 1
#define ARCHIVE_SYMBOLS "symbols"

/* The name of a store in an archive; to be freed. */
char *archive_symbols_name(const struct symbol_store *store);

#endif
