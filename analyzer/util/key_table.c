/*
 * Keys to numbers. Its own file because the profile's frames and stacks and the reports' trees all
 * need the same lookup.
 */
#include "analyzer/util/key_table.h"

#include "analyzer/util/element_index.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

struct key_table {
    struct element_index index;
    char *keys; /* each with its number behind it */
    size_t count, capacity;
};

struct key_table *key_table_new(size_t key_size)
{
    struct key_table *table = memory_alloc(sizeof(*table));

    element_index_init(&table->index, key_size + sizeof(uint32_t), key_size);
    return table;
}

void key_table_free(struct key_table *table)
{
    if (table == NULL)
        return;
    element_index_release(&table->index);
    free(table->keys);
    free(table);
}

uint32_t key_table_add(struct key_table *table, const void *key, uint32_t number)
{
    const size_t size = table->index.element_size, key_size = table->index.key_size;
    size_t at = element_index_add(&table->index, table->keys, key);

    if (at == table->count) {
        table->keys = memory_grow(table->keys, table->count++, &table->capacity, size);
        memcpy(table->keys + at * size, key, key_size);
        memcpy(table->keys + at * size + key_size, &number, sizeof(number));
    }
    memcpy(&number, table->keys + at * size + key_size, sizeof(number));
    return number;
}
