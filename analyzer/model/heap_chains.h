/*
 * Blocks that grow by realloc, again and again: a chain is what a block was from its
 * first resize to its end. Each belongs to the site of its last resize.
 *
 * A chain can be followed where every block is known. Where blocks are sampled, resizes
 * are counted and chains are not.
 *
 * Memory grows with sites that resize and with live blocks that were resized, not with
 * events. Owns it. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_HEAP_CHAINS_H
#define PROFINJECT_MODEL_HEAP_CHAINS_H

#include "analyzer/model/heap_replay.h"

/* What one site resized. Bytes copied are at most so many: the smaller of both sizes,
 * where a block is sampled the new one; an allocator can make room without copying. */
struct heap_chain_sums {
    struct estimate resizes, copied;
    uint64_t chains;       /* from here on 0 where blocks are sampled */
    uint64_t moved;        /* resizes that gave another address */
    uint64_t longest;      /* resizes of the longest chain */
    uint64_t worst_copied; /* bytes of the chain that copied most */
    uint64_t final_bytes;  /* sizes at the end, summed */
    uint64_t largest;      /* and the largest of them */
};

/* The same where every block is known, in a third of the room: see heap_sites.h. */
struct heap_chain_tally {
    uint64_t resizes, copied, chains, moved, longest, worst_copied, final_bytes, largest;
};

/* A block that was resized and is live. */
struct heap_chain {
    uint64_t address; /* 0: an empty place of the table */
    uint64_t size, resizes, copied;
    uint32_t site;
};

struct heap_chains {
    bool sampled;
    struct heap_chain *live; /* by address; open addressing */
    size_t count, capacity;
    struct heap_chain *pending; /* by thread: what it is about to resize; address 0: nothing */
    size_t pending_count, pending_capacity;
    struct heap_chain_tally *exact; /* one of them by number, NULL the other */
    struct heap_chain_sums *estimated;
    size_t sum_count, sum_capacity;
    uint32_t *sums_of; /* by site: number of its sums + 1, 0: none */
    size_t site_count, site_capacity;
};

struct heap_chains *heap_chains_new(bool sampled);
void heap_chains_free(struct heap_chains *chains); /* NULL is allowed */

/* Has `chains` follow the blocks of `replay`, whose events it must outlive. */
void heap_chains_observe(struct heap_chains *chains, struct heap_replay *replay);

/* `thread` is about to resize the block, and then has: two calls in a row for that
 * thread. `weight`: how many such blocks it stands for. */
void heap_chains_resized(struct heap_chains *chains, uint32_t thread, uint64_t address,
                         uint64_t size);
void heap_chains_resize(struct heap_chains *chains, uint32_t thread, uint32_t site,
                        uint64_t address, uint64_t size, double weight);

/* The block at `address` is freed; most are not resized ones. */
void heap_chains_end(struct heap_chains *chains, uint64_t address);

/* What was resized until now is no longer counted; chains go on. */
void heap_chains_restart(struct heap_chains *chains);

/* Blocks still live end their chains. After the last event. */
void heap_chains_settle(struct heap_chains *chains);

/* False: that site resized nothing. `chains` may be NULL. */
bool heap_chains_of(const struct heap_chains *chains, uint32_t site, struct heap_chain_sums *sums);

/* Adds what another site resized. */
void heap_chain_sums_join(struct heap_chain_sums *sums, const struct heap_chain_sums *other);

#endif
