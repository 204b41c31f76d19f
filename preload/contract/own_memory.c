/*
 * The list of our own memory. Its own file because those who map it and the one who asks
 * for it have nothing else in common.
 */
#include "preload/contract/own_memory.h"

#include <sys/mman.h>

/* An entry belongs to whoever has set `start` from 0. */
static struct {
    uint64_t start, size; /* 0: not filled in yet */
    bool inherited;
} entries[OWN_MEMORY_MAX];

void *own_memory_note(void *memory, size_t size, bool inherited)
{
    for (uint32_t i = 0; i < OWN_MEMORY_MAX && memory != MAP_FAILED; i++) {
        uint64_t empty = 0;
        if (!__atomic_compare_exchange_n(&entries[i].start, &empty, (uint64_t)memory, false,
                                         __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            continue;
        entries[i].inherited = inherited;
        __atomic_store_n(&entries[i].size, size, __ATOMIC_RELEASE);
        break;
    }
    return memory;
}

static void forget(uint32_t entry)
{
    __atomic_store_n(&entries[entry].size, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&entries[entry].start, 0, __ATOMIC_RELEASE);
}

void own_memory_forget(const void *memory)
{
    for (uint32_t i = 0; i < OWN_MEMORY_MAX && memory; i++)
        if (__atomic_load_n(&entries[i].start, __ATOMIC_RELAXED) == (uint64_t)memory)
            forget(i);
}

void *own_memory_renew(void *memory, size_t old_size, size_t size)
{
    bool fits = memory && old_size == size;
    own_memory_forget(memory);
    if (memory && !fits)
        munmap(memory, old_size);
    void *new = mmap(fits ? memory : NULL, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (fits ? MAP_FIXED : 0), -1, 0);
    return own_memory_note(new, size, true) == MAP_FAILED ? NULL : new;
}

void own_memory_fork_child(void)
{
    for (uint32_t i = 0; i < OWN_MEMORY_MAX; i++)
        if (!entries[i].inherited)
            forget(i);
}

uint32_t own_memory_ranges(struct own_range *ranges)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < OWN_MEMORY_MAX; i++) {
        uint64_t size = __atomic_load_n(&entries[i].size, __ATOMIC_ACQUIRE);
        uint64_t start = __atomic_load_n(&entries[i].start, __ATOMIC_RELAXED);
        if (size)
            ranges[count++] = (struct own_range){start, start + size};
    }
    return count;
}
