/*
 * Whole paths, known by where they begin: programs come back to the same allocations at the
 * same depth, and comparing the words that lead from frame to frame, all at once, takes less
 * than walking from one to the next.
 *
 * As sound as the walk that found the path: with the same code, what a frame's caller is
 * depends on those words only. Belongs to one thread, as a part of its struct heap_path.
 */
#ifndef PROFINJECT_KNOWN_PATH_H
#define PROFINJECT_KNOWN_PATH_H

#include "preload/platform.h"

#include <stdbool.h>
#include <stdint.h>

#define KNOWN_PATH_WORDS 128u
#define KNOWN_PATH_BITS 7

/* The path met last of those that begin in this place. It is known once it was met twice in a
 * row; until then `count` is 0, also when whoever fills it in is interrupted for good. */
struct known_path {
    uint64_t pc, sp, fp;
    uint64_t fp_bits; /* of fp that matter: all or none */
    uint64_t epoch;   /* thread and generation of modules */
    uint64_t hash;
    uint32_t node;                 /* for who interns, 0: it has none yet */
    uint32_t added;                /* words, while it is filled in */
    uint32_t count;                /* of them to be compared */
    uint32_t callers;              /* the first: return addresses, the leaf's first */
    uint16_t at[KNOWN_PATH_WORDS]; /* above sp, in words */
    uint64_t value[KNOWN_PATH_WORDS];
};

/* The place for paths from the frame with these registers. */
static inline struct known_path *known_path_of(struct known_path *paths, const struct registers *at)
{
    uint64_t hash = (at->pc ^ at->sp << 24) * 0x9E3779B97F4A7C15u;
    return &paths[hash >> (64 - KNOWN_PATH_BITS)];
}

/* True when that is the path from the frame with these registers, on the caller's stack. */
__attribute__((no_sanitize("address"))) static inline bool
known_path_holds(const struct known_path *known, const struct registers *at, uint64_t epoch)
{
    uint64_t differs = (known->pc ^ at->pc) | (known->sp ^ at->sp) | (known->epoch ^ epoch) |
                       ((known->fp ^ at->fp) & known->fp_bits);
    if (differs || !known->count)
        return false;
    const uint64_t *words = (const uint64_t *)at->sp;
    for (uint32_t i = 0; i < known->count; i++)
        differs |= words[known->at[i]] ^ known->value[i];
    return !differs;
}

/* From here on it is not known, and can be filled in. */
void known_path_begin(struct known_path *known, const struct registers *at, bool needs_fp,
                      uint64_t epoch);

/* Adds a word at `address` above sp. False: it is too many or too far, the path will not be
 * known. */
bool known_path_add(struct known_path *known, uint64_t address, uint64_t value);

/* All words were added, the return addresses of `callers` first: it is known. */
void known_path_finish(struct known_path *known, uint32_t callers);

#endif
