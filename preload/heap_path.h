/*
 * The stack above an allocation, found fast: what leads from frame to frame is compared with
 * the walk before, for less than 1 ns a frame, and only what differs is looked up.
 *
 * The memory is that of remembered_walk.h: a frame's stack pointer and pc, the return
 * addresses that lead to the next, and saved frame pointers where one above needs them. Here
 * a return address may have changed as well, as long as the new caller's frame has the same
 * size: then all frames stay where they are. A path's hash is the sum over its frames, so that
 * it takes no more to follow what changed. Paths that were met before are found by it; those
 * that repeat by where they begin (known_path.h), and the walk before stays what it was.
 *
 * Belongs to one thread, whose own stack the frames lie on; not for its signal handlers.
 */
#ifndef PROFINJECT_HEAP_PATH_H
#define PROFINJECT_HEAP_PATH_H

#include "preload/contract/ring_format.h"
#include "preload/known_path.h"
#include "preload/platform.h"
#include "preload/unwind_rules.h"

#include <stdbool.h>
#include <stdint.h>

#define HEAP_PATH_FRAMES 512u
#define HEAP_PATH_RULE_BITS 10
#define HEAP_PATH_SET_BITS 11
#define HEAP_PATH_WAYS 2u

/* A rule by its return address, 0: none. */
struct heap_path_rule {
    uint64_t pc;
    unwind_rule rule;
};

/* A path met before. */
struct heap_path_seen {
    uint64_t hash; /* of frames and region */
    uint32_t node, place;
    uint64_t segment; /* the one `place` is of, by its serial in the stream plus 1 */
};

/* A frame of the walk under way. */
struct heap_path_step {
    uint64_t sp, pc, fp;
    unwind_rule rule;
};

struct heap_path {
    uint64_t owner;     /* serial of the thread's slot */
    uint64_t low, high; /* of the stack */
    uint64_t root_cfa;  /* right below it lies a return address of 0; 0: the root is one by rule */
    uint64_t hash;      /* of all frames */
    uint64_t found;     /* hash of the path found last */
    struct known_path *known; /* that path, if it was; else it is these frames */
    uint32_t generation;      /* of loaded modules */
    uint32_t count;           /* frames, the root first */
    uint32_t interned;        /* of them have their nodes */
    uint32_t saved;           /* entries of `slots` */
    uint32_t max_depth;
    uint64_t sp[HEAP_PATH_FRAMES], pc[HEAP_PATH_FRAMES], fp[HEAP_PATH_FRAMES];
    uint64_t share[HEAP_PATH_FRAMES]; /* of the hash */
    unwind_rule rule[HEAP_PATH_FRAMES];
    uint32_t node[HEAP_PATH_FRAMES];
    bool needs_fp[HEAP_PATH_FRAMES]; /* its frame pointer, for a frame above */
    /* Where the frames that save one have it, if their caller needs it. */
    uint32_t slots[HEAP_PATH_FRAMES];
    struct heap_path_step steps[HEAP_PATH_FRAMES]; /* leaf first */
    struct heap_path_rule rules[1u << HEAP_PATH_RULE_BITS];
    struct heap_path_seen seen[HEAP_PATH_WAYS << HEAP_PATH_SET_BITS];
    struct known_path paths[1u << KNOWN_PATH_BITS];
};

/* Begins with a thread whose stack lies in [low, high). The memory is zero, or has been used. */
void heap_path_begin(struct heap_path *path, uint64_t owner, uint64_t low, uint64_t high,
                     uint32_t max_depth);

/* Whoever worked with it was left in the middle: all that is remembered may be half written. */
void heap_path_recover(struct heap_path *path);

/* Finds the path from the frame with these registers, its pc a return address. False when that
 * takes more than simple rules. */
bool heap_path_find(struct heap_path *path, const struct registers *at, uint32_t generation);

/* The ring's node of the path found; 0 when there is no room for it. */
uint32_t heap_path_node(struct heap_path *path, struct ring_file *ring);

/* Where a path of that hash, in that region, is remembered, or is to be: the first of the two
 * places it may have, where the one met last is. */
static inline struct heap_path_seen *heap_path_seen(struct heap_path *path, uint64_t hash)
{
    struct heap_path_seen *set = &path->seen[(hash >> (64 - HEAP_PATH_SET_BITS)) * HEAP_PATH_WAYS];
    if (PLATFORM_UNLIKELY(set[0].hash != hash)) {
        struct heap_path_seen first = set[0];
        set[0] = set[1];
        set[1] = first;
    }
    return set;
}

/* Of the path found, in that region. */
static inline uint64_t heap_path_hash(const struct heap_path *path, uint32_t region)
{
    return (path->found + (path->owner << 32 | region)) * 0x9E3779B97F4A7C15u;
}

#endif
