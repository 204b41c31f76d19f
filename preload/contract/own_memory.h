/*
 * The memory the profiler mapped for itself, so that a scan of the process's memory can
 * leave it out: a table of the blocks there are would make every one of them look used.
 *
 * Lock-free, callable anywhere, by any thread.
 */
#ifndef PROFINJECT_OWN_MEMORY_H
#define PROFINJECT_OWN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct own_range {
    uint64_t start, end;
};

#define OWN_MEMORY_MAX 64u

/* Notes what mmap() returned, MAP_FAILED included, and returns it. `inherited`: fork
 * children have it, too. More ranges than OWN_MEMORY_MAX are not remembered. */
void *own_memory_note(void *memory, size_t size, bool inherited);

/* Empty memory of `size` bytes, inherited by fork children, in place of `memory`, of `old_size`,
 * or NULL: where that is, when it fits. NULL when there is none. */
void *own_memory_renew(void *memory, size_t old_size, size_t size);

/* Before the range that begins there, noted or not, is given back. */
void own_memory_forget(const void *memory); /* NULL is allowed */

/* In a fork child: forgets what it has not inherited. */
void own_memory_fork_child(void);

/* Copies the ranges there are into `ranges`, of OWN_MEMORY_MAX; returns their number. */
uint32_t own_memory_ranges(struct own_range *ranges);

#endif
