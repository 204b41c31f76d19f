/*
 * Where the frames of a flame graph go, in units of the metric: a picture of any
 * width, a bar or a page can be drawn from it.
 *
 * Owns its boxes; labels and tree are not used after the call.
 */
#ifndef PROFINJECT_REPORTS_FLAME_LAYOUT_H
#define PROFINJECT_REPORTS_FLAME_LAYOUT_H

#include "analyzer/model/call_tree.h"

struct flame_box {
    uint32_t label; /* not used in the first box */
    uint32_t node;  /* of the tree */
    uint32_t depth; /* 0: the box of everything */
    int64_t start;  /* sum of what lies left of it */
    int64_t value;
    int64_t off; /* of it: in stacks with a mark of time off the processor */
};

struct flame_layout {
    struct flame_box *boxes; /* parents before children; the first is everything */
    size_t count, capacity;
    uint32_t depth;  /* of the deepest box */
    size_t left_out; /* boxes too small */
};

/* Siblings stand in order of their names. Boxes below `smallest` are left out. */
void flame_layout_init(struct flame_layout *layout, const struct call_tree *tree,
                       const struct labels *labels, int64_t smallest);
void flame_layout_release(struct flame_layout *layout);

#endif
