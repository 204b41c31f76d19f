/*
 * Ranking of whole stacks. Its own file because the text and its JSON form both
 * show it.
 */
#include "analyzer/model/hot_paths.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

struct candidate {
    int64_t self;
    uint32_t node;
};

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;

    if (left->self != right->self)
        return left->self > right->self ? -1 : 1;
    return (left->node > right->node) - (left->node < right->node);
}

static uint32_t common_node(const struct call_tree *tree, uint32_t a, uint32_t b)
{
    /* A parent has a smaller number, so the larger of the two steps up. */
    while (a != b) {
        if (a > b)
            a = tree->nodes[a].parent;
        else
            b = tree->nodes[b].parent;
    }
    return a;
}

/* The leaf itself is never folded away. */
static void find_common(struct hot_paths *paths, const struct call_tree *tree)
{
    paths->common =
        paths->count > 0 ? tree->nodes[paths->leaves[0]].parent : (uint32_t)CALL_TREE_ROOT;
    for (size_t i = 1; i < paths->count; i++) {
        uint32_t above = tree->nodes[paths->leaves[i]].parent;
        paths->common = common_node(tree, paths->common, above);
    }
}

void hot_paths_init(struct hot_paths *paths, const struct call_tree *tree, size_t limit)
{
    struct candidate *candidates = memory_alloc(tree->count * sizeof(*candidates));
    size_t count = 0;

    for (size_t i = 1; i < tree->count; i++) {
        if (tree->nodes[i].self > 0)
            candidates[count++] = (struct candidate){tree->nodes[i].self, (uint32_t)i};
    }
    qsort(candidates, count, sizeof(*candidates), compare_candidates);
    *paths = (struct hot_paths){.count = count < limit ? count : limit};
    paths->leaves = memory_alloc(paths->count * sizeof(*paths->leaves));
    for (size_t i = 0; i < paths->count; i++)
        paths->leaves[i] = candidates[i].node;
    find_common(paths, tree);
    free(candidates);
}

void hot_paths_release(struct hot_paths *paths)
{
    free(paths->leaves);
}

uint32_t *hot_paths_nodes(const struct call_tree *tree, uint32_t top, uint32_t leaf, size_t *count)
{
    size_t depth = tree->nodes[leaf].depth - tree->nodes[top].depth;
    uint32_t *nodes = memory_alloc(depth * sizeof(*nodes));

    *count = depth;
    for (uint32_t node = leaf; depth > 0; node = tree->nodes[node].parent)
        nodes[--depth] = node;
    return nodes;
}
