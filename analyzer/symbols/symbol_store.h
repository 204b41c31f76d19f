/*
 * What symbolisation found out about one module, kept: frames by address, names of data by
 * address, and what was to be said of the module. The cache on disk and archives hold
 * modules in this form (symbol_store_format.c says which bytes).
 *
 * Owns all it holds. Not thread-safe.
 */
#ifndef PROFINJECT_SYMBOLS_SYMBOL_STORE_H
#define PROFINJECT_SYMBOLS_SYMBOL_STORE_H

#include "analyzer/symbols/elf_image.h"
#include "analyzer/symbols/file_witness.h"
#include "analyzer/symbols/symbolizer.h"
#include "analyzer/util/strings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol_store;
struct data_query;

/* An empty one for the module of that build-id (size 0: it has none). `key` says under which
 * circumstances its answers are right, in its keeper's words. */
struct symbol_store *symbol_store_new(const uint8_t *build_id, size_t build_id_size,
                                      const char *key);
void symbol_store_free(struct symbol_store *store); /* NULL is allowed */

/* Whether it was made with exactly these. */
bool symbol_store_is_of(const struct symbol_store *store, const uint8_t *build_id,
                        size_t build_id_size, const char *key);
const char *symbol_store_key(const struct symbol_store *store);
const uint8_t *symbol_store_build_id(const struct symbol_store *store, size_t *size);

/* Takes in the answer to a query (all its frames, inlined ones too). The first answer for an
 * address stays. */
void symbol_store_add(struct symbol_store *store, const struct symbol_query *query);
void symbol_store_add_data(struct symbol_store *store, const struct data_query *query);

/* The line that symbolizer_resolve() gave for the module; NULL: none. */
void symbol_store_set_message(struct symbol_store *store, const char *message);
const char *symbol_store_message(const struct symbol_store *store);

/* The files its answers come from, to be filled and looked at. */
struct file_witnesses *symbol_store_witnesses(struct symbol_store *store);

/* Takes in the places of `other` that `store` has not. */
void symbol_store_merge(struct symbol_store *store, const struct symbol_store *other);

/* How many addresses of code it knows. */
size_t symbol_store_count(const struct symbol_store *store);

/* Answers a query: false when the address is not known. Frames are the caller's, strings are
 * interned in `strings`. Of data the name is the caller's. */
bool symbol_store_find(struct symbol_store *store, struct strings *strings,
                       struct symbol_query *query);
bool symbol_store_find_data(struct symbol_store *store, struct data_query *query);

/* Its bytes, to be freed; NULL when they would be more than the format can hold. */
void *symbol_store_pack(struct symbol_store *store, size_t *size);

/* From such bytes, of which nothing is kept. NULL when they are not whole, damaged, or of
 * another version: everything is checked before anything is believed. */
struct symbol_store *symbol_store_unpack(const void *bytes, size_t size);

#endif
