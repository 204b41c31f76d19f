/*
 * Allocation for the analyzer: never returns NULL. When memory runs out the
 * process prints one line on stderr and exits with status 1: nothing that was
 * written before is lost, and no caller has a path to test. Free with free().
 */
#ifndef PROFINJECT_UTIL_MEMORY_H
#define PROFINJECT_UTIL_MEMORY_H

#include <stddef.h>

void *memory_alloc(size_t size);               /* zeroed */
void *memory_resize(void *block, size_t size); /* new bytes undefined */
char *memory_strdup(const char *text);
char *memory_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes room for one more element in a growing array: `*capacity` elements of
 * `size` bytes, of which `count` are used. Returns the (moved) array. */
void *memory_grow(void *array, size_t count, size_t *capacity, size_t size);

/* A zeroed table at the beginning of a page, in huge pages where there are: one of many MiB
 * has more pages than the processor keeps translations for. memory_unmap() takes NULL too. */
void *memory_map(size_t size);
void memory_unmap(void *table, size_t size);

/* Says so and exits: for blocks that come from a library and turn out NULL. */
void memory_exhausted(void) __attribute__((noreturn));

#endif
