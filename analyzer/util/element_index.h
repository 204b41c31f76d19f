/*
 * Finds elements of an array by what they begin with: a hash table of their numbers. The keys are
 * the array's, so that millions of elements cost 8 bytes each more, and a lookup two cache misses
 * (key_table.h, which has copies of its keys, costs 48 and four).
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_UTIL_ELEMENT_INDEX_H
#define PROFINJECT_UTIL_ELEMENT_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct element_index {
    size_t element_size, key_size; /* the key is what an element begins with, without padding */
    uint32_t *slots;               /* number of an element plus one; 0: free */
    size_t capacity;               /* a power of two, or 0 */
    size_t count;
};

void element_index_init(struct element_index *index, size_t element_size, size_t key_size);
void element_index_release(struct element_index *index);

/*
 * The number of the element of `elements` that begins with `key`. When that is index->count there
 * was none: from now on it is known, and is to be appended to the array.
 */
uint32_t element_index_add(struct element_index *index, const void *elements, const void *key);

#endif
