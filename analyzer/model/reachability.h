/*
 * Which of the blocks that were not freed the program can still find: pointers to them, as
 * a scan of its memory met them, decide, as in LeakSanitizer.
 *
 * A word whose value lies anywhere in a block, its first byte or not, is a pointer to it.
 * Such words in the program's own memory (data, stacks, registers, what it mapped) are
 * roots: blocks they lead to, over any number of other blocks, are reachable. Of the rest,
 * a block another one of the rest points to is indirectly lost, any other directly lost: of
 * a ring that nobody knows, every block is indirectly lost.
 *
 * Where every block is known, words in memory of the allocator that belong to none of them
 * are left-overs of freed ones and say nothing. Else they may belong to blocks nobody
 * recorded, and count as roots: what is called lost then is so at least.
 *
 * Memory grows with blocks and the pointers between them. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_REACHABILITY_H
#define PROFINJECT_MODEL_REACHABILITY_H

#include "analyzer/model/profile.h"
#include "analyzer/trace/trace_reader.h"

struct reachability_block {
    uint64_t address, size;
    uint32_t owner;      /* whatever the caller knows it by */
    enum leak_kind kind; /* the result */
};

struct reachability;

/* Takes over `blocks` (malloc) and sorts them by address; no two have a byte in common.
 * `all`: every block of the process is among them. */
struct reachability *reachability_new(struct reachability_block *blocks, size_t count, bool all);
void reachability_free(struct reachability *reachability); /* NULL is allowed */

/* What a word of the memory held. Fastest in order of address. */
void reachability_word(struct reachability *reachability, const struct trace_word *word);

/* After the last word: the blocks with their kinds, reachability's. */
const struct reachability_block *reachability_finish(struct reachability *reachability);

#endif
