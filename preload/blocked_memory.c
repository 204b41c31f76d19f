/*
 * Copies of memory that may go away. Its own file because it is the only way another
 * thread's stack is ever looked at.
 */
#include "preload/blocked_memory.h"

#include <string.h>
#include <unistd.h>

void blocked_memory_init(struct blocked_memory *memory, int fd)
{
    memory->fd = fd;
    memory->start = memory->end = 0;
}

/* Fills the window from the start of the address's page on. A mapping that ends
 * within it leaves it short. */
static bool move_window(struct blocked_memory *memory, uint64_t address)
{
    const uint64_t page = 4096;
    uint64_t start = address & ~(page - 1);
    ssize_t size = pread(memory->fd, memory->bytes, sizeof memory->bytes, (off_t)start);
    memory->start = memory->end = start;
    if (size <= 0)
        return false;
    memory->end = start + (uint64_t)size;
    return memory->end - address >= 8 && memory->end > address;
}

bool blocked_memory_word(struct blocked_memory *memory, uint64_t address, uint64_t *word)
{
    if ((address & 7) || (int64_t)address <= 0)
        return false;
    if ((address < memory->start || address >= memory->end) && !move_window(memory, address))
        return false;
    memcpy(word, memory->bytes + (address - memory->start), sizeof *word);
    return true;
}

bool blocked_memory_bytes(const struct blocked_memory *memory, uint64_t address, void *bytes,
                          size_t size)
{
    return (int64_t)address > 0 && pread(memory->fd, bytes, size, (off_t)address) == (ssize_t)size;
}
