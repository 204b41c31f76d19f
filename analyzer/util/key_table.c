/*
 * Keys to numbers. Its own file because the profile's frames, stacks and entries
 * and the reports' trees all need the same lookup.
 */
#include "analyzer/util/key_table.h"

#include "analyzer/util/memory.h"

#include <libiberty/hashtab.h>
#include <libiberty/objalloc.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define FIRST_SIZE 251

struct key_table {
    htab_t slots;
    struct objalloc *keys; /* struct key, freed all at once */
    size_t key_size;
};

struct key {
    uint32_t hash;
    uint32_t number;
    unsigned char bytes[];
};

struct wanted {
    const struct key_table *table;
    const void *bytes;
    uint32_t hash;
};

static hashval_t key_hash(const void *element)
{
    return ((const struct key *)element)->hash;
}

static int key_equal(const void *element, const void *candidate)
{
    const struct key *key = element;
    const struct wanted *wanted = candidate;

    return key->hash == wanted->hash &&
           memcmp(key->bytes, wanted->bytes, wanted->table->key_size) == 0;
}

struct key_table *key_table_new(size_t key_size)
{
    struct key_table *table = memory_alloc(sizeof(*table));

    table->slots = htab_create_alloc(FIRST_SIZE, key_hash, key_equal, NULL, calloc, free);
    table->keys = objalloc_create();
    if (table->slots == NULL || table->keys == NULL)
        memory_exhausted();
    table->key_size = key_size;
    return table;
}

void key_table_free(struct key_table *table)
{
    if (table == NULL)
        return;
    htab_delete(table->slots);
    objalloc_free(table->keys);
    free(table);
}

uint32_t key_table_add(struct key_table *table, const void *key, uint32_t number)
{
    struct wanted wanted = {table, key, (uint32_t)XXH3_64bits(key, table->key_size)};
    void **slot = htab_find_slot_with_hash(table->slots, &wanted, wanted.hash, INSERT);

    if (slot == NULL)
        memory_exhausted();
    if (*slot == NULL) {
        struct key *added = objalloc_alloc(table->keys, sizeof(*added) + table->key_size);
        if (added == NULL)
            memory_exhausted();
        added->hash = wanted.hash;
        added->number = number;
        memcpy(added->bytes, key, table->key_size);
        *slot = added;
    }
    return ((const struct key *)*slot)->number;
}
