/*
 * A hash table from keys of one fixed size to numbers: the lookup beside an
 * array whose elements are found by value. Keys are compared byte by byte, so
 * structs used as keys must have no padding or have it zeroed.
 *
 * Owns copies of its keys. Not thread-safe.
 */
#ifndef PROFINJECT_UTIL_KEY_TABLE_H
#define PROFINJECT_UTIL_KEY_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct key_table;

struct key_table *key_table_new(size_t key_size);
void key_table_free(struct key_table *table); /* NULL is allowed */

/* Finds the number of `key`; a key that is new gets `number`. Returns the
 * number the key has now, so that `== number` means "append it to the array". */
uint32_t key_table_add(struct key_table *table, const void *key, uint32_t number);

#endif
