/*
 * The stores of an archive: what symbolisation knew about each module of recordings where they
 * were made. Filled by `profinject archive` with every answer it is given, or from archives that
 * are read; then asked before any file.
 *
 * Owns its stores. Not thread-safe.
 */
#ifndef PROFINJECT_SYMBOLS_SYMBOL_ARCHIVE_H
#define PROFINJECT_SYMBOLS_SYMBOL_ARCHIVE_H

#include "analyzer/symbols/data_symbols.h"
#include "analyzer/symbols/symbol_store.h"

/* Of one module: the store's key is the path it was mapped from. */
struct archived_module {
    struct symbol_store *store;
    unsigned origin; /* number of the archive it comes from */
    size_t nameless; /* places it was asked for, when collected, that have no name */
};

struct symbol_archive {
    struct archived_module *items;
    size_t count, capacity;
};

/* All zeros is an empty one. */
void symbol_archive_release(struct symbol_archive *archive);

/* Takes in answers, as symbolizer_resolve() and data_symbols_resolve() give them; of those that no
 * file could give only what was said: they may be found elsewhere. `archive` NULL: nobody wants
 * them. */
void symbol_archive_collect(struct symbol_archive *archive, const char *path,
                            const uint8_t *build_id, size_t build_id_size,
                            const struct symbol_query *queries, size_t count, const char *why);
void symbol_archive_collect_data(struct symbol_archive *archive, const char *path,
                                 const uint8_t *build_id, size_t build_id_size,
                                 const struct data_query *queries, size_t count);

/* Takes over `store`, read from the archive number `origin`. */
void symbol_archive_add(struct symbol_archive *archive, struct symbol_store *store,
                        unsigned origin);

/* What is known of a module: of that path and build-id, or of the same file elsewhere. NULL: the
 * module is not known, has no build-id, or `archive` is NULL. */
struct symbol_store *symbol_archive_find(const struct symbol_archive *archive, const char *path,
                                         const uint8_t *build_id, size_t build_id_size);

/* The same for modules without a build-id, which are known by their path in their archive. */
struct symbol_store *symbol_archive_find_by_path(const struct symbol_archive *archive,
                                                 const char *path, unsigned origin);

/* True when the archives know the module at `path` in other builds than this alone. */
bool symbol_archive_has_other_build(const struct symbol_archive *archive, const char *path,
                                    const uint8_t *build_id, size_t build_id_size);

#endif
