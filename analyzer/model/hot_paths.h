/*
 * The stacks that cost most, from a calling tree, and what they have in common.
 * Owns its memory; numbers are nodes of the tree it was made from.
 */
#ifndef PROFINJECT_MODEL_HOT_PATHS_H
#define PROFINJECT_MODEL_HOT_PATHS_H

#include "analyzer/model/call_tree.h"

struct hot_paths {
    uint32_t *leaves; /* by falling self value */
    size_t count;
    uint32_t common; /* deepest node that is above every leaf, CALL_TREE_ROOT for none */
};

/* At most `limit` paths; those whose value is not positive are left out. */
void hot_paths_init(struct hot_paths *paths, const struct call_tree *tree, size_t limit);
void hot_paths_release(struct hot_paths *paths);

/* Nodes from below `top` down to `leaf`, in this order; free(). `top` must be
 * above `leaf`, or the same: then *count is 0. */
uint32_t *hot_paths_nodes(const struct call_tree *tree, uint32_t top, uint32_t leaf, size_t *count);

#endif
