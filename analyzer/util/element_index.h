/*
 * Finds elements of an array by what they begin with: a hash table of their numbers. The keys are
 * the array's, so that millions of elements cost 11 to 22 bytes each more, and a lookup two cache
 * misses (libiberty's hashtab, which knows elements by pointers alone: 16 bytes and four); who has
 * many lookups to do can have those misses side by side.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_UTIL_ELEMENT_INDEX_H
#define PROFINJECT_UTIL_ELEMENT_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct element_slot {
    uint32_t hash;
    uint32_t number; /* of an element plus one; 0: free */
};

struct element_index {
    size_t element_size, key_size; /* the key is what an element begins with, without padding */
    struct element_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

void element_index_init(struct element_index *index, size_t element_size, size_t key_size);
void element_index_release(struct element_index *index);

/*
 * The number of the element of `elements` that begins with `key`. When that is index->count there
 * was none: from now on it is known, and is to be appended to the array.
 */
uint32_t element_index_add(struct element_index *index, const void *elements, const void *key);

/* The same of an element that may not be there, then ELEMENT_INDEX_NONE. */
#define ELEMENT_INDEX_NONE UINT32_MAX
uint32_t element_index_find(const struct element_index *index, const void *elements,
                            const void *key);

/* The first in steps, for many keys: of all of them the hash, which has their slots fetched; then
 * element_index_fetch(), which has the elements fetched; then the number. Results are the same
 * whatever was added in between. */
uint32_t element_index_hash(const struct element_index *index, const void *key);
void element_index_fetch(const struct element_index *index, const void *elements, uint32_t hash);
uint32_t element_index_add_hashed(struct element_index *index, const void *elements,
                                  const void *key, uint32_t hash);

#endif
