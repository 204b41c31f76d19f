/*
 * Finding the leaks of a trace. Its own file because it is the one thing that is asked of
 * single blocks, and only once they are all known.
 */
#include "analyzer/load/leak_loader.h"

#include "analyzer/model/reachability.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define AHEAD 16 /* blocks between a fetch and its use */

struct leak_loader {
    struct loaded_leaks *leaks;
    const struct heap_replay *replay;
    uint32_t (*index)[LEAK_KINDS]; /* by site: number of its leaks + 1, 0: none */
};

struct profile_leak_scan leak_loader_scan(const struct trace_scan *scan)
{
    return (struct profile_leak_scan){.done = true,
                                      .begin_ns = scan->begin_ns,
                                      .whole = scan->whole,
                                      .complete = scan->limit == TRACE_SCAN_COMPLETE &&
                                                  scan->left_threads == 0,
                                      .bytes = scan->bytes,
                                      .left_bytes = scan->left_bytes,
                                      .length_ns = scan->length_ns,
                                      .threads = scan->threads,
                                      .left_threads = scan->left_threads};
}

static void add_block(struct leak_loader *loader, const struct heap_block *block,
                      enum leak_kind kind)
{
    struct loaded_leaks *leaks = loader->leaks;
    uint32_t *number = &loader->index[block->site][kind];

    if (*number == 0) {
        leaks->items =
            memory_grow(leaks->items, leaks->count, &leaks->capacity, sizeof(*leaks->items));
        leaks->items[leaks->count++] = (struct loaded_leak){.site = block->site,
                                                            .kind = kind,
                                                            .first_ns = block->time_ns,
                                                            .last_ns = block->time_ns};
        *number = (uint32_t)leaks->count;
    }
    struct loaded_leak *leak = &leaks->items[*number - 1];
    heap_amount_add(&leak->amount, block->size, heap_replay_weight(loader->replay, block->size));
    if (block->time_ns < leak->first_ns)
        leak->first_ns = block->time_ns;
    if (block->time_ns > leak->last_ns)
        leak->last_ns = block->time_ns;
}

static void on_word(void *context, const struct trace_word *word)
{
    reachability_word(context, word);
}

/* What was not yet there when the scan began is not judged by it. */
static enum leak_kind kind_of(const struct heap_block *block, enum leak_kind found,
                              const struct profile_heap *heap)
{
    return block->time_ns < heap->scan.begin_ns ? found : LEAK_REACHABLE;
}

/* NULL when the trace cannot be read any more. `owner` of each is its place in the
 * replay's table. */
static struct reachability *search(const struct heap_replay *replay, bool all, const char *path)
{
    struct reachability_block *blocks = memory_alloc((replay->blocks.count + 1) * sizeof(*blocks));
    struct trace_summary summary;
    struct problem problem;
    size_t count = 0;

    for (size_t i = 0; i < replay->blocks.capacity; i++)
        if (replay->blocks.table[i].address != 0)
            blocks[count++] =
                (struct reachability_block){.address = replay->blocks.table[i].address,
                                            .size = replay->blocks.table[i].size,
                                            .owner = (uint32_t)i};
    struct reachability *reachability = reachability_new(blocks, count, all);
    const struct trace_visitor visitor = {.context = reachability, .word = on_word};
    if (trace_read(path, &visitor, &summary, &problem) == 0)
        return reachability;
    reachability_free(reachability);
    return NULL;
}

void leak_loader_find(struct loaded_leaks *leaks, const struct heap_replay *replay,
                      struct profile_heap *heap, const char *path)
{
    struct leak_loader loader = {leaks, replay,
                                 memory_alloc((heap->sites.count + 1) * sizeof(*loader.index))};
    const struct heap_blocks *blocks = &replay->blocks;
    bool all =
        heap->scan.whole && heap->interval == 0 && heap->lost == 0 && heap->segments_lost == 0;
    struct reachability *reachability = NULL;

    memset(leaks, 0, sizeof(*leaks));
    if (replay->to_ns <= heap->scan.begin_ns)
        heap->scan.done = false; /* it saw another heap than the one at the window's end */
    if (heap->scan.done && blocks->count > 0)
        reachability = search(replay, all, path);
    if (reachability != NULL) {
        const struct reachability_block *found = reachability_finish(reachability);
        for (size_t i = 0; i < blocks->count; i++) {
            const struct heap_block *block = &blocks->table[found[i].owner];
            if (i + AHEAD < blocks->count)
                __builtin_prefetch(&blocks->table[found[i + AHEAD].owner]);
            if (block->time_ns >= replay->from_ns)
                add_block(&loader, block, kind_of(block, found[i].kind, heap));
        }
    } else if (blocks->count > 0) {
        for (size_t i = 0; i < blocks->capacity; i++)
            if (blocks->table[i].address != 0 && blocks->table[i].time_ns >= replay->from_ns)
                add_block(&loader, &blocks->table[i], LEAK_UNKNOWN);
    }
    reachability_free(reachability);
    free(loader.index);
}

void leak_loader_release(struct loaded_leaks *leaks)
{
    free(leaks->items);
    memset(leaks, 0, sizeof(*leaks));
}
