/*
 * The calling tree of one metric: all stacks of a profile merged from the root.
 * Frames with equal labels under one parent are one node.
 *
 * Read only once made; owns its nodes. `labels` must outlive it only where its
 * users look names up.
 */
#ifndef PROFINJECT_MODEL_CALL_TREE_H
#define PROFINJECT_MODEL_CALL_TREE_H

#include "analyzer/model/labels.h"

#define CALL_TREE_ROOT 0u /* stands for everything; its label is not used */

struct call_tree_node {
    uint32_t parent; /* always a smaller number than the node's own */
    uint32_t label;
    uint32_t depth; /* 0 for the root */
    int64_t self;
    int64_t total; /* self and all nodes below */
};

struct call_tree {
    struct call_tree_node *nodes; /* [CALL_TREE_ROOT] is the root */
    size_t count, capacity;
    int64_t negative; /* sum of the negative selves left out of a positive tree */
};

/* `positive` leaves nodes whose self is negative at 0 and sums them in `negative`:
 * a picture has no room for widths below nothing. */
void call_tree_init(struct call_tree *tree, const struct profile *profile,
                    const struct labels *labels, enum metric metric, bool positive);

/* The same of all entries without a metric, whose nodes are left 0; `of_entry` gets the node each
 * entry's stack ends in. */
void call_tree_init_nodes(struct call_tree *tree, const struct profile *profile,
                          const struct labels *labels, uint32_t *of_entry);

/* Turns the stacks of a finished tree round: each begins with its leaf, and what called it
 * follows. `rooted` leaves the nodes of depth 1 (LABEL_ROOT_*) where they are. A value is
 * counted once on its way, however often a function is in the stack. */
void call_tree_reverse(struct call_tree *tree, bool rooted);

void call_tree_release(struct call_tree *tree);

#endif
