/*
 * Counting memory: every allocation function, each thread's exact numbers and
 * usable bytes. The hooks pass everything to whatever allocator comes next.
 */
#ifndef PROFINJECT_HEAP_HOOKS_H
#define PROFINJECT_HEAP_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Finds the real functions (they may have been needed long before) and begins to
 * count, with `every_event` recorded as well (heap_exact.h). Returns NULL, or why memory cannot be counted in this process, as in
 * "program defines malloc".
 */
const char *heap_hooks_init(bool every_event);

/* For entries of an allocator that are not its malloc and free: true when `function` is one,
 * in the allocator behind the hooks. */
bool heap_hooks_is_allocators(const void *function);

/* It gave `block` of `size` bytes, or NULL: counts it, and returns it; `block` is about to be
 * given back to it. */
void *heap_hooks_allocated(void *block, size_t size);
void heap_hooks_freeing(void *block);

/* Blocks the calling thread allocated and freed so far. */
uint64_t heap_hooks_counted(void);

#endif
