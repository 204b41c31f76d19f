/*
 * The table of live blocks. Its own file because at 10^8 events the cache misses of
 * this table are what a replay costs.
 */
#include "analyzer/model/heap_blocks.h"

#include "analyzer/util/memory.h"

#include <string.h>
#include <sys/mman.h>

#define FIRST_BITS 12
#define PIECE ((size_t)1 << 16) /* of a table, 2 MiB: a huge page */

static void set_capacity(struct heap_blocks *blocks, unsigned bits)
{
    blocks->capacity = (size_t)1 << bits;
    blocks->shift = 64 - bits;
    blocks->table = memory_map(blocks->capacity * sizeof(*blocks->table));
}

void heap_blocks_init(struct heap_blocks *blocks)
{
    blocks->count = 0;
    set_capacity(blocks, FIRST_BITS);
}

void heap_blocks_release(struct heap_blocks *blocks)
{
    memory_unmap(blocks->table, blocks->capacity * sizeof(*blocks->table));
    memset(blocks, 0, sizeof(*blocks));
}

static struct heap_block *find_empty(const struct heap_blocks *blocks, uint64_t address)
{
    size_t at = heap_blocks_home(blocks, address);

    while (blocks->table[at].address != 0)
        at = (at + 1) & (blocks->capacity - 1);
    return &blocks->table[at];
}

/* Blocks keep their order: as the new table fills from its beginning, the old one is given
 * back, so that they are not both resident. */
static void grow(struct heap_blocks *blocks)
{
    struct heap_block *old = blocks->table;
    size_t capacity = blocks->capacity;

    set_capacity(blocks, 64 - blocks->shift + 1);
    for (size_t i = 0; i < capacity; i++) {
        if (old[i].address != 0)
            *find_empty(blocks, old[i].address) = old[i];
        if ((i + 1) % PIECE == 0)
            madvise(&old[i + 1 - PIECE], PIECE * sizeof(*old), MADV_DONTNEED);
    }
    memory_unmap(old, capacity * sizeof(*old));
}

void heap_blocks_add(struct heap_blocks *blocks, const struct heap_block *block)
{
    if (4 * (blocks->count + 1) > 3 * blocks->capacity)
        grow(blocks);
    *find_empty(blocks, block->address) = *block;
    blocks->count++;
}

/* The blocks behind move up, as far as this one kept them from their places. */
void heap_blocks_remove(struct heap_blocks *blocks, struct heap_block *block)
{
    size_t mask = blocks->capacity - 1;
    size_t hole = (size_t)(block - blocks->table);

    for (size_t at = (hole + 1) & mask; blocks->table[at].address != 0; at = (at + 1) & mask) {
        size_t home = heap_blocks_home(blocks, blocks->table[at].address);
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        blocks->table[hole] = blocks->table[at];
        hole = at;
    }
    blocks->table[hole].address = 0;
    blocks->count--;
}
