/*
 * Reachability. Its own file because it is a graph search that needs to know nothing of
 * traces.
 */
#include "analyzer/model/reachability.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define WORD 8u
#define NO_BLOCK UINT32_MAX
#define STRIDE 64 /* blocks per entry of the index: that is what stays in a processor's cache */

/* What glibc's arenas are aligned to, but for the first one's, which is the program break. */
#define ARENA_BITS 26

/* glibc maps each block from this size on by itself, behind a header in its first page:
 * what lies around it is not the allocator's. */
#define MAPPED_LEAST (128u << 10)
#define PAGE 4096u
#define HEADER 16u

struct edge {
    uint32_t from, to;
};

struct reachability {
    struct reachability_block *blocks;
    size_t count;
    bool all;
    uint64_t *index; /* address of every STRIDEth block */
    size_t cursor;   /* block the last word was looked for at */
    uint64_t *small; /* addresses of the blocks that have no pages of their own; sorted */
    size_t small_count;
    struct edge *edges;
    size_t edge_count, edge_capacity;
    uint32_t *waiting; /* reachable blocks whose pointers are still to be followed */
    size_t waiting_count;
};

static int compare_blocks(const void *left, const void *right)
{
    const struct reachability_block *a = left, *b = right;

    return (a->address > b->address) - (a->address < b->address);
}

static bool has_own_pages(const struct reachability_block *block)
{
    return block->size >= MAPPED_LEAST && block->address % PAGE == HEADER;
}

struct reachability *reachability_new(struct reachability_block *blocks, size_t count, bool all)
{
    struct reachability *reachability = memory_alloc(sizeof(*reachability));

    qsort(blocks, count, sizeof(*blocks), compare_blocks);
    reachability->blocks = blocks;
    reachability->count = count;
    reachability->all = all;
    reachability->small = memory_alloc((count + 1) * sizeof(*reachability->small));
    reachability->waiting = memory_alloc((count + 1) * sizeof(*reachability->waiting));
    reachability->index = memory_alloc((count / STRIDE + 1) * sizeof(*reachability->index));
    for (size_t i = 0; i < count; i++) {
        blocks[i].kind = LEAK_DIRECT;
        if (i % STRIDE == 0)
            reachability->index[i / STRIDE] = blocks[i].address;
        if (!has_own_pages(&blocks[i]))
            reachability->small[reachability->small_count++] = blocks[i].address;
    }
    return reachability;
}

void reachability_free(struct reachability *reachability)
{
    if (reachability == NULL)
        return;
    free(reachability->blocks);
    free(reachability->small);
    free(reachability->index);
    free(reachability->edges);
    free(reachability->waiting);
    free(reachability);
}

/* Number of the last block that begins at `address` or below, NO_BLOCK when none does. */
static uint32_t last_at(const struct reachability *reachability, uint64_t address)
{
    const struct reachability_block *blocks = reachability->blocks;
    size_t low = 0, high = (reachability->count + STRIDE - 1) / STRIDE;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (reachability->index[middle] <= address)
            low = middle + 1;
        else
            high = middle;
    }
    high = low * STRIDE < reachability->count ? low * STRIDE : reachability->count;
    low = low > 0 ? (low - 1) * STRIDE : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (blocks[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? (uint32_t)(low - 1) : NO_BLOCK;
}

/* The block a pointer points into; one of no bytes has an address all the same. */
static uint32_t target_of(const struct reachability *reachability, uint64_t value)
{
    uint32_t number = last_at(reachability, value);
    const struct reachability_block *block = &reachability->blocks[number];

    if (number == NO_BLOCK || value - block->address >= (block->size > 0 ? block->size : 1))
        return NO_BLOCK;
    return number;
}

/* The block the whole word lies in. */
static uint32_t holder_of(struct reachability *reachability, uint64_t address)
{
    const struct reachability_block *blocks = reachability->blocks;
    size_t at = reachability->cursor;
    bool near = at < reachability->count && blocks[at].address <= address &&
                (at + 1 == reachability->count || blocks[at + 1].address > address);
    uint32_t number = near ? (uint32_t)at : last_at(reachability, address);

    if (number == NO_BLOCK)
        return NO_BLOCK;
    reachability->cursor = number;
    uint64_t offset = address - blocks[number].address;
    return offset < blocks[number].size && blocks[number].size - offset >= WORD ? number : NO_BLOCK;
}

/* True when the allocator has its blocks there: one lies in the same mapping, and where arenas
 * are aligned, in the same one. */
static bool is_in_arena(const struct reachability *reachability, const struct trace_word *word)
{
    const uint64_t *small = reachability->small;
    uint64_t from = word->address >> ARENA_BITS << ARENA_BITS, to = from + (1ull << ARENA_BITS);
    size_t low = 0, high = reachability->small_count;

    from = from > word->start ? from : word->start;
    to = to < word->end ? to : word->end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (small[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low < reachability->small_count && small[low] < to;
}

static void reach(struct reachability *reachability, uint32_t number)
{
    if (reachability->blocks[number].kind == LEAK_REACHABLE)
        return;
    reachability->blocks[number].kind = LEAK_REACHABLE;
    reachability->waiting[reachability->waiting_count++] = number;
}

void reachability_word(struct reachability *reachability, const struct trace_word *word)
{
    uint32_t to = target_of(reachability, word->value);
    bool heap = word->kind == TRACE_MEMORY_HEAP;
    bool mapped = heap || word->kind == TRACE_MEMORY_ANONYMOUS;

    if (to == NO_BLOCK)
        return;
    uint32_t from = mapped ? holder_of(reachability, word->address) : NO_BLOCK;
    if (from == NO_BLOCK) {
        bool left_over = reachability->all && (heap || (mapped && is_in_arena(reachability, word)));
        if (!left_over)
            reach(reachability, to);
        return;
    }
    if (from == to)
        return;
    reachability->edges = memory_grow(reachability->edges, reachability->edge_count,
                                      &reachability->edge_capacity, sizeof(*reachability->edges));
    reachability->edges[reachability->edge_count++] = (struct edge){from, to};
}

/* Where the edges of each block begin in `targets`, which is filled in; one more for the end. */
static size_t *edges_by_block(const struct reachability *reachability, uint32_t *targets)
{
    size_t *first = memory_alloc((reachability->count + 2) * sizeof(*first));

    for (size_t i = 0; i < reachability->edge_count; i++)
        first[reachability->edges[i].from + 2]++;
    for (size_t i = 1; i <= reachability->count; i++)
        first[i + 1] += first[i];
    /* What is one place further on now moves to the next block's beginning. */
    for (size_t i = 0; i < reachability->edge_count; i++)
        targets[first[reachability->edges[i].from + 1]++] = reachability->edges[i].to;
    return first;
}

const struct reachability_block *reachability_finish(struct reachability *reachability)
{
    const struct edge *edges = reachability->edges;
    struct reachability_block *blocks = reachability->blocks;
    uint32_t *targets = memory_alloc((reachability->edge_count + 1) * sizeof(*targets));
    size_t *first = edges_by_block(reachability, targets);

    while (reachability->waiting_count > 0) {
        uint32_t from = reachability->waiting[--reachability->waiting_count];
        for (size_t i = first[from]; i < first[from + 1]; i++)
            reach(reachability, targets[i]);
    }
    for (size_t i = 0; i < reachability->edge_count; i++)
        if (blocks[edges[i].from].kind != LEAK_REACHABLE &&
            blocks[edges[i].to].kind != LEAK_REACHABLE)
            blocks[edges[i].to].kind = LEAK_INDIRECT;
    free(first);
    free(targets);
    return blocks;
}
