/*
 * Reachability. Its own file because it is a graph search that needs to know nothing of
 * traces.
 */
#include "analyzer/model/reachability.h"

#include "analyzer/model/address_index.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define WORD 8u
#define NO_BLOCK ADDRESS_INDEX_NONE
#define WORDS 256 /* that are looked up at a time */
#define AHEAD 16  /* blocks between a fetch and its use */

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

/* A part of memory, and whether the allocator has its blocks there. */
struct arena {
    uint64_t from, to;
    bool found;
};

struct reachability {
    struct reachability_block *blocks;
    size_t count;
    bool all;
    struct address_index index; /* of the blocks */
    uint8_t *kinds;             /* of the blocks, where a processor's cache can hold them */
    size_t cursor;              /* block the last word was looked for at */
    struct arena arena;         /* looked at last */
    struct trace_word words[WORDS];
    size_t word_count;
    struct edge *edges;
    size_t edge_count, edge_capacity;
    uint32_t *waiting; /* reachable blocks in the order they were reached */
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
    reachability->waiting = memory_alloc((count + 1) * sizeof(*reachability->waiting));
    reachability->kinds = memory_alloc(count + 1);
    memset(reachability->kinds, LEAK_DIRECT, count);
    address_index_init(&reachability->index, &blocks->address, sizeof(*blocks), count);
    return reachability;
}

void reachability_free(struct reachability *reachability)
{
    if (reachability == NULL)
        return;
    free(reachability->blocks);
    free(reachability->kinds);
    address_index_release(&reachability->index);
    free(reachability->edges);
    free(reachability->waiting);
    free(reachability);
}

static uint32_t last_at(const struct reachability *reachability, uint64_t address)
{
    uint32_t number;

    address_index_find(&reachability->index, &address, &number, 1);
    return number;
}

/* Whether a pointer points into the block; one of no bytes has an address all the same. */
static bool points_into(const struct reachability *reachability, uint64_t value, uint32_t number)
{
    const struct reachability_block *block = &reachability->blocks[number];

    return number != NO_BLOCK && value - block->address < (block->size > 0 ? block->size : 1);
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
static bool is_in_arena(struct reachability *reachability, const struct trace_word *word)
{
    const struct reachability_block *blocks = reachability->blocks;
    uint64_t from = word->address >> ARENA_BITS << ARENA_BITS, to = from + (1ull << ARENA_BITS);
    struct arena *arena = &reachability->arena;

    from = from > word->start ? from : word->start;
    to = to < word->end ? to : word->end;
    if (arena->from == from && arena->to == to)
        return arena->found;
    *arena = (struct arena){.from = from, .to = to};
    uint32_t before = last_at(reachability, from);
    size_t at = before == NO_BLOCK ? 0 : before + (blocks[before].address < from);
    for (; at < reachability->count && blocks[at].address < to && !arena->found; at++)
        arena->found = !has_own_pages(&blocks[at]);
    return arena->found;
}

static void reach(struct reachability *reachability, uint32_t number)
{
    if (reachability->kinds[number] == LEAK_REACHABLE)
        return;
    reachability->kinds[number] = LEAK_REACHABLE;
    reachability->waiting[reachability->waiting_count++] = number;
}

static void follow(struct reachability *reachability, const struct trace_word *word, uint32_t to)
{
    bool heap = word->kind == TRACE_MEMORY_HEAP;
    bool mapped = heap || word->kind == TRACE_MEMORY_ANONYMOUS;

    if (!points_into(reachability, word->value, to))
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

static void follow_all(struct reachability *reachability)
{
    uint64_t values[WORDS];
    uint32_t targets[WORDS];

    for (size_t i = 0; i < reachability->word_count; i++)
        values[i] = reachability->words[i].value;
    address_index_find(&reachability->index, values, targets, reachability->word_count);
    for (size_t i = 0; i < reachability->word_count; i++)
        follow(reachability, &reachability->words[i], targets[i]);
    reachability->word_count = 0;
}

void reachability_word(struct reachability *reachability, const struct trace_word *word)
{
    reachability->words[reachability->word_count++] = *word;
    if (reachability->word_count == WORDS)
        follow_all(reachability);
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

/* What reachable blocks point to is reachable. */
static void spread(struct reachability *reachability)
{
    uint32_t *targets = memory_alloc((reachability->edge_count + 1) * sizeof(*targets));
    size_t *first = edges_by_block(reachability, targets);
    const uint32_t *waiting = reachability->waiting;

    for (size_t i = 0; i < reachability->waiting_count; i++) {
        uint32_t from = waiting[i];
        if (i + 2 * AHEAD < reachability->waiting_count)
            __builtin_prefetch(&first[waiting[i + 2 * AHEAD]]);
        if (i + AHEAD < reachability->waiting_count)
            __builtin_prefetch(&targets[first[waiting[i + AHEAD]]]);
        for (size_t at = first[from]; at < first[from + 1]; at++)
            reach(reachability, targets[at]);
    }
    free(first);
    free(targets);
}

const struct reachability_block *reachability_finish(struct reachability *reachability)
{
    uint8_t *kinds = reachability->kinds;

    follow_all(reachability);
    spread(reachability);
    for (size_t i = 0; i < reachability->edge_count; i++) {
        const struct edge *edge = &reachability->edges[i];
        if (kinds[edge->from] != LEAK_REACHABLE && kinds[edge->to] != LEAK_REACHABLE)
            kinds[edge->to] = LEAK_INDIRECT;
    }
    for (size_t i = 0; i < reachability->count; i++)
        reachability->blocks[i].kind = (enum leak_kind)kinds[i];
    return reachability->blocks;
}
