/*
 * Flame graph geometry. Its own file because it knows no output format.
 */
#include "analyzer/reports/flame_layout.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

struct placed {
    const char *name;
    uint32_t parent, node;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *left = a, *right = b;
    int order;

    if (left->parent != right->parent)
        return left->parent < right->parent ? -1 : 1;
    order = strcmp(left->name, right->name);
    return order != 0 ? order : (left->node > right->node) - (left->node < right->node);
}

/* All nodes but the root, siblings together and by name. */
static struct placed *order_nodes(const struct call_tree *tree, const struct labels *labels)
{
    struct placed *order = memory_alloc(tree->count * sizeof(*order));

    for (size_t i = 1; i < tree->count; i++) {
        const struct call_tree_node *node = &tree->nodes[i];
        order[i - 1] = (struct placed){labels->items[node->label].name, node->parent, (uint32_t)i};
    }
    qsort(order, tree->count - 1, sizeof(*order), compare_placed);
    return order;
}

/* What of each node is time off the processor: of marks and what hangs on them, which is
 * nothing but in a tree that was reversed, and of what leads there. */
static int64_t *sum_off(const struct call_tree *tree, const struct labels *labels)
{
    int64_t *off = memory_alloc(tree->count * sizeof(*off));
    bool *marked = memory_alloc(tree->count * sizeof(*marked));

    for (size_t i = 1; i < tree->count; i++) {
        const struct call_tree_node *node = &tree->nodes[i];
        const struct label *label = &labels->items[node->label];
        marked[i] =
            marked[node->parent] || (label->kind == FRAME_MARK && profile_is_off_mark(label->name));
        off[i] = marked[i] ? node->total : 0;
    }
    for (size_t i = tree->count; i-- > 1;)
        if (!marked[tree->nodes[i].parent])
            off[tree->nodes[i].parent] += off[i];
    free(marked);
    return off;
}

static void add_box(struct flame_layout *layout, const struct call_tree *tree, uint32_t number,
                    int64_t start, int64_t off)
{
    const struct call_tree_node *node = &tree->nodes[number];

    layout->boxes =
        memory_grow(layout->boxes, layout->count, &layout->capacity, sizeof(*layout->boxes));
    layout->boxes[layout->count++] =
        (struct flame_box){node->label, number, node->depth, start, node->total, off};
    if (node->depth > layout->depth)
        layout->depth = node->depth;
}

void flame_layout_init(struct flame_layout *layout, const struct call_tree *tree,
                       const struct labels *labels, int64_t smallest)
{
    struct placed *order = order_nodes(tree, labels);
    /* Where the next child of each node goes. Parents have smaller numbers than
     * children, so theirs is known when the first child comes. */
    int64_t *next = memory_alloc(tree->count * sizeof(*next));

    *layout = (struct flame_layout){0};
    int64_t *off = sum_off(tree, labels);
    add_box(layout, tree, CALL_TREE_ROOT, 0, off[CALL_TREE_ROOT]);
    for (size_t i = 0; i + 1 < tree->count; i++) {
        const struct call_tree_node *node = &tree->nodes[order[i].node];
        int64_t start = next[order[i].parent];
        next[order[i].parent] += node->total;
        next[order[i].node] = start;
        if (node->total > 0 && node->total >= smallest)
            add_box(layout, tree, order[i].node, start, off[order[i].node]);
        else
            layout->left_out += node->total > 0;
    }
    free(off);
    free(next);
    free(order);
}

void flame_layout_release(struct flame_layout *layout)
{
    free(layout->boxes);
}
