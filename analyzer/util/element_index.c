/*
 * element_index.h: open addressing with linear probing, at most three quarters full.
 */
#include "analyzer/util/element_index.h"

#include "analyzer/util/memory.h"

#include <stdbool.h>
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

static uint32_t hash_of(const struct element_index *index, const void *key)
{
    return (uint32_t)XXH3_64bits(key, index->key_size);
}

/* The sizes that are hot are compared in place. */
static bool is_equal(const char *element, const void *key, size_t size)
{
    switch (size) {
    case 8:
        return memcmp(element, key, 8) == 0;
    case 12:
        return memcmp(element, key, 12) == 0;
    case 16:
        return memcmp(element, key, 16) == 0;
    default:
        return memcmp(element, key, size) == 0;
    }
}

static void grow(struct element_index *index)
{
    struct element_slot *before = index->slots;
    size_t size = index->capacity;

    index->capacity = size == 0 ? FIRST_CAPACITY : size * 2;
    index->slots = memory_alloc(index->capacity * sizeof(*index->slots));
    for (size_t i = 0; i < size; i++) {
        if (before[i].number == 0)
            continue;
        size_t slot = before[i].hash & (index->capacity - 1);
        while (index->slots[slot].number != 0)
            slot = (slot + 1) & (index->capacity - 1);
        index->slots[slot] = before[i];
    }
    free(before);
}

uint32_t element_index_hash(const struct element_index *index, const void *key)
{
    uint32_t hash = hash_of(index, key);

    if (index->capacity > 0)
        __builtin_prefetch(&index->slots[hash & (index->capacity - 1)]);
    return hash;
}

void element_index_fetch(const struct element_index *index, const void *elements, uint32_t hash)
{
    const char *array = elements;

    if (index->capacity == 0)
        return;
    size_t at = hash & (index->capacity - 1);
    while (index->slots[at].number != 0 && index->slots[at].hash != hash)
        at = (at + 1) & (index->capacity - 1);
    if (index->slots[at].number == 0)
        return;
    const char *element = array + (index->slots[at].number - 1) * index->element_size;
    __builtin_prefetch(element);
    __builtin_prefetch(element + index->element_size - 1);
}

/* The slot of the key, or the free one where it would be. */
static size_t slot_of(const struct element_index *index, const void *elements, const void *key,
                      uint32_t hash)
{
    const char *array = elements;
    size_t at = hash & (index->capacity - 1);

    for (; index->slots[at].number != 0; at = (at + 1) & (index->capacity - 1)) {
        size_t number = index->slots[at].number - 1;
        if (index->slots[at].hash == hash &&
            is_equal(array + number * index->element_size, key, index->key_size))
            break;
    }
    return at;
}

uint32_t element_index_add_hashed(struct element_index *index, const void *elements,
                                  const void *key, uint32_t hash)
{
    if (index->count >= index->capacity / 4 * 3)
        grow(index);
    size_t at = slot_of(index, elements, key, hash);
    if (index->slots[at].number != 0)
        return index->slots[at].number - 1;
    index->slots[at] = (struct element_slot){hash, (uint32_t)++index->count};
    return (uint32_t)index->count - 1;
}

uint32_t element_index_add(struct element_index *index, const void *elements, const void *key)
{
    return element_index_add_hashed(index, elements, key, hash_of(index, key));
}

uint32_t element_index_find(const struct element_index *index, const void *elements,
                            const void *key)
{
    if (index->count == 0)
        return ELEMENT_INDEX_NONE;
    size_t at = slot_of(index, elements, key, hash_of(index, key));
    return index->slots[at].number != 0 ? index->slots[at].number - 1 : ELEMENT_INDEX_NONE;
}
