/*
 * element_index.h: open addressing with linear probing, at most three quarters full.
 */
#include "analyzer/util/element_index.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define FIRST_CAPACITY 64

void element_index_init(struct element_index *index, size_t element_size, size_t key_size)
{
    *index = (struct element_index){.element_size = element_size, .key_size = key_size};
}

void element_index_release(struct element_index *index)
{
    free(index->slots);
    element_index_init(index, index->element_size, index->key_size);
}

static size_t first_slot(const struct element_index *index, const void *key)
{
    return XXH3_64bits(key, index->key_size) & (index->capacity - 1);
}

static void grow(struct element_index *index, const char *elements)
{
    free(index->slots);
    index->capacity = index->capacity == 0 ? FIRST_CAPACITY : index->capacity * 2;
    index->slots = memory_alloc(index->capacity * sizeof(*index->slots));
    for (size_t i = 0; i < index->count; i++) {
        size_t slot = first_slot(index, elements + i * index->element_size);
        while (index->slots[slot] != 0)
            slot = (slot + 1) & (index->capacity - 1);
        index->slots[slot] = (uint32_t)i + 1;
    }
}

uint32_t element_index_add(struct element_index *index, const void *elements, const void *key)
{
    const char *array = elements;

    if (index->count >= index->capacity / 4 * 3)
        grow(index, array);
    size_t slot = first_slot(index, key);
    for (; index->slots[slot] != 0; slot = (slot + 1) & (index->capacity - 1)) {
        uint32_t number = index->slots[slot] - 1;
        if (memcmp(array + number * index->element_size, key, index->key_size) == 0)
            return number;
    }
    index->slots[slot] = (uint32_t)++index->count;
    return (uint32_t)index->count - 1;
}
