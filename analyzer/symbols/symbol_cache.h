/*
 * Answers of symbolisation on disk: a file for each module and way of asking, in
 * $XDG_CACHE_HOME/profinject/symbols, or ~/.cache/profinject/symbols.
 *
 * What is there is used only if it is the user's own, whole, and every file that had been read
 * for it, or looked for in vain, is as it was then. Of several
 * processes that write at once the last one's file stays, whole; what it had not seen of the
 * others' is asked again another time. Whatever fails here costs time and nothing else.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_SYMBOLS_SYMBOL_CACHE_H
#define PROFINJECT_SYMBOLS_SYMBOL_CACHE_H

#include "analyzer/symbols/symbol_store.h"

/* Of a file, and of all: beyond it the least recently used go. */
#define SYMBOL_CACHE_FILE_MAX (64u << 20)
#define SYMBOL_CACHE_SIZE_MAX (256u << 20)

struct symbol_cache;

/* Opens the directory, making it when it is not there. NULL when there is none to be had: no
 * home, another's directory, one that others may write to. */
struct symbol_cache *symbol_cache_new(void);

/* The same in `path` and with other bounds, for tests. */
struct symbol_cache *symbol_cache_new_at(const char *path, uint64_t file_max, uint64_t size_max);

/* Brings the directory below its bound when something was written. NULL is allowed. */
void symbol_cache_free(struct symbol_cache *cache);

/* What is kept of that module under that key, to be freed; NULL: nothing that may be used. */
struct symbol_store *symbol_cache_read(const struct symbol_cache *cache, const uint8_t *build_id,
                                       size_t build_id_size, const char *key);

/* Keeps `store`, which must have a build-id; takes in what others have kept meanwhile. */
void symbol_cache_write(struct symbol_cache *cache, struct symbol_store *store);

#endif
