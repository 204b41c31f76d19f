/*
 * Where in this process pointers to blocks of the heap can lie, and where such blocks can:
 * the writable memory by kind, without our own and without the unused part of stacks.
 *
 * Read from /proc/self/maps; other threads may map and unmap meanwhile. One user at a time;
 * not for signal handlers. The memory it needs is reserved once, not the target's.
 */
#ifndef PROFINJECT_MEMORY_PARTS_H
#define PROFINJECT_MEMORY_PARTS_H

#include "preload/contract/encode_memory.h"
#include "preload/contract/own_memory.h"
#include "preload/unwind.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MEMORY_PARTS_MAX (128u << 10)
#define MEMORY_NAME_MAX 31

struct memory_area {
    uint64_t start, end;
    uint32_t kind; /* enum trace_memory */
    int32_t thread;
    bool shared; /* with fork children: pages may be there that our page table lacks */
    char name[MEMORY_NAME_MAX];
};

struct memory_parts {
    struct memory_area *areas; /* by address */
    uint32_t count;
    struct own_range *targets; /* where blocks can be; by address, none touches the next */
    uint32_t target_count;
    struct own_range *hidden; /* not to be looked at; by address */
    uint32_t hidden_count, hidden_capacity;
};

/* A thread whose stack is in use from `sp` on, within those bounds. */
struct memory_stack {
    int tid;
    uint64_t sp;
    struct stack_bounds bounds; /* 0, 0: not known */
};

/* 0 or a negative errno. `parts` is to be zeroed before the first call, and may be filled
 * again. */
int memory_parts_read(struct memory_parts *parts, const struct memory_stack *stacks,
                      uint32_t stack_count, const struct own_range *servant_stack);

/* Copies memory that may go away: the bytes copied, as far as it is there, or -1. */
ssize_t memory_parts_copy(void *to, uint64_t address, size_t size);

/* Where this library's own variables are: its one writable segment. */
struct own_range memory_parts_own_data(void);

/* True when `address` lies in one of those ranges, sorted; *found is the one. */
bool memory_parts_find(const struct own_range *ranges, uint32_t count, uint64_t address,
                       struct own_range *found);

/* By address, in place: qsort() may take memory from the target's heap. */
void memory_parts_sort(struct own_range *ranges, uint32_t count);

/* Shortens [*start, end) to its first piece that is to be looked at, and returns that
 * piece's end; *start == end when nothing is left. */
uint64_t memory_parts_piece(const struct memory_parts *parts, uint64_t *start, uint64_t end);

#endif
