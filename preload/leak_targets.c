/*
 * Targets of a scan for leaks. Its own file because with sampled blocks it decides what
 * such a scan costs: a few kilobytes of trace, or a hundred megabytes.
 */
#include "preload/leak_targets.h"

#include "preload/heap_live.h"

#include <string.h>

#define BLOCKS_MAX (1u << 20)
#define PAGE_BITS 12
#define LARGEST ((uint64_t)LEAK_TARGETS_PAGES << PAGE_BITS) /* of blocks */

static struct {
    struct own_range *blocks; /* BLOCKS_MAX */
    uint32_t count;
    bool failed;
} known;

/* Its size from what the C library has in front of it: copied, as the block may be one
 * that was given back in a way the hooks do not see. */
static bool add_block(uint64_t address)
{
    uint64_t word, size;
    if (memory_parts_copy(&word, address - sizeof word, sizeof word) != sizeof word)
        return true;
    size = (word & ~(uint64_t)7) - sizeof word * (word & 2 ? 2 : 1);
    known.failed = known.count == BLOCKS_MAX || size > LARGEST;
    if (!known.failed)
        known.blocks[known.count++] = (struct own_range){address, address + size};
    return !known.failed;
}

static void mark_pages(uint64_t *pages)
{
    memset(pages, 0, LEAK_TARGETS_PAGES / 8);
    for (uint32_t i = 0; i < known.count; i++)
        for (uint64_t page = known.blocks[i].start >> PAGE_BITS;
             page <= known.blocks[i].end >> PAGE_BITS; page++) {
            uint64_t bit = page & (LEAK_TARGETS_PAGES - 1);
            pages[bit / 64] |= 1ull << bit % 64;
        }
}

/* False when they are not to be had. */
static bool take_blocks(struct leak_targets *targets)
{
    const size_t blocks = BLOCKS_MAX * sizeof *known.blocks;
    if (!known.blocks) {
        known.blocks = buffer_reserve(blocks + LEAK_TARGETS_PAGES / 8);
        if (!known.blocks)
            return false;
    }
    known.count = 0;
    known.failed = false;
    heap_live_each(add_block);
    if (known.failed)
        return false;
    memory_parts_sort(known.blocks, known.count);
    targets->ranges = known.blocks;
    targets->count = known.count;
    targets->pages = (uint64_t *)((uint8_t *)known.blocks + blocks);
    mark_pages(targets->pages);
    return true;
}

void leak_targets_init(struct leak_targets *targets, const struct memory_parts *parts, bool blocks)
{
    *targets = (struct leak_targets){.ranges = parts->targets, .count = parts->target_count};
    if (blocks)
        take_blocks(targets);
}

bool leak_targets_find(struct leak_targets *targets, uint64_t value)
{
    return memory_parts_find(targets->ranges, targets->count, value, &targets->last);
}
