/*
 * Stacks to a tree. Its own file because folded stacks, flame graphs and hot
 * paths are three views of it.
 */
#include "analyzer/model/call_tree.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>

#define NO_ROOT UINT32_MAX

/* While building: nodes found by (parent, label), and for the stacks of the root
 * label at work their nodes, so that a common path is walked once. */
struct builder {
    struct call_tree *tree;
    const struct profile *profile;
    const struct labels *labels;
    struct key_table *children;
    uint32_t *node_of_stack; /* valid where done[stack] is the current round */
    uint32_t *done;
    uint32_t *path; /* stacks still to be walked, leaf first */
    size_t path_capacity;
    uint32_t *of_entry; /* nodes of entries; NULL: not asked for */
};

struct child_key {
    uint32_t parent, label;
};

static uint32_t child_of(struct builder *builder, uint32_t parent, uint32_t label)
{
    struct call_tree *tree = builder->tree;
    struct child_key key = {parent, label};
    uint32_t number = key_table_add(builder->children, &key, (uint32_t)tree->count);

    if (number == tree->count) {
        tree->nodes = memory_grow(tree->nodes, tree->count, &tree->capacity, sizeof(*tree->nodes));
        tree->nodes[tree->count++] = (struct call_tree_node){
            .parent = parent, .label = label, .depth = tree->nodes[parent].depth + 1};
    }
    return number;
}

static uint32_t node_of_stack(struct builder *builder, uint32_t top, uint32_t stack, uint32_t round)
{
    const struct stack_node *stacks = builder->profile->stacks;
    size_t depth = 0;

    for (; stack != STACK_NONE && builder->done[stack] != round; stack = stacks[stack].parent) {
        builder->path =
            memory_grow(builder->path, depth, &builder->path_capacity, sizeof(*builder->path));
        builder->path[depth++] = stack;
    }
    uint32_t node = stack != STACK_NONE ? builder->node_of_stack[stack] : top;
    while (depth > 0) {
        stack = builder->path[--depth];
        node = child_of(builder, node, builder->labels->of_frame[stacks[stack].frame]);
        builder->node_of_stack[stack] = node;
        builder->done[stack] = round;
    }
    return node;
}

struct grouped {
    uint32_t root, entry;
};

static int compare_grouped(const void *a, const void *b)
{
    const struct grouped *left = a, *right = b;

    if (left->root != right->root)
        return left->root < right->root ? -1 : 1;
    return left->entry < right->entry ? -1 : left->entry > right->entry;
}

/* Entry numbers ordered by the label above their thread. */
static struct grouped *group_entries(const struct profile *profile, const struct labels *labels)
{
    struct grouped *order = memory_alloc(profile->entries.count * sizeof(*order));

    for (size_t i = 0; i < profile->entries.count; i++) {
        order[i].entry = (uint32_t)i;
        order[i].root = labels->of_thread != NULL
                            ? labels->of_thread[profile->entries.places[i].thread]
                            : NO_ROOT;
    }
    qsort(order, profile->entries.count, sizeof(*order), compare_grouped);
    return order;
}

/* METRIC_COUNT: no metric. */
static void add_entries(struct builder *builder, enum metric metric)
{
    const struct profile *profile = builder->profile;
    struct grouped *order = group_entries(profile, builder->labels);
    uint32_t top = CALL_TREE_ROOT;
    uint32_t round = 0;

    for (size_t i = 0; i < profile->entries.count; i++) {
        size_t entry = order[i].entry;
        if (i == 0 || order[i].root != order[i - 1].root) {
            round++;
            if (order[i].root != NO_ROOT)
                top = child_of(builder, CALL_TREE_ROOT, order[i].root);
        }
        uint32_t node = node_of_stack(builder, top, profile->entries.places[entry].stack, round);
        if (builder->of_entry != NULL)
            builder->of_entry[entry] = node;
        if (metric == METRIC_COUNT)
            continue;
        int64_t *self = &builder->tree->nodes[node].self;
        *self = sum_signed(*self, entries_value(&profile->entries, entry, metric));
    }
    free(order);
}

static void leave_out_negative(struct call_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->nodes[i].self < 0) {
            tree->negative = sum_signed(tree->negative, tree->nodes[i].self);
            tree->nodes[i].self = 0;
        }
    }
}

/* Parents have smaller numbers, so one pass from the end finds all totals. */
static void add_totals(struct call_tree *tree)
{
    for (size_t i = tree->count; i-- > 0;) {
        struct call_tree_node *node = &tree->nodes[i];
        node->total = sum_signed(node->total, node->self);
        if (i != CALL_TREE_ROOT) {
            int64_t *above = &tree->nodes[node->parent].total;
            *above = sum_signed(*above, node->total);
        }
    }
}

static void build(struct call_tree *tree, const struct profile *profile,
                  const struct labels *labels, enum metric metric, uint32_t *of_entry)
{
    struct builder builder = {
        .tree = tree, .profile = profile, .labels = labels, .of_entry = of_entry};

    *tree = (struct call_tree){0};
    tree->nodes = memory_grow(NULL, 0, &tree->capacity, sizeof(*tree->nodes));
    tree->nodes[tree->count++] = (struct call_tree_node){.parent = CALL_TREE_ROOT};
    builder.children = key_table_new(sizeof(struct child_key));
    builder.node_of_stack = memory_alloc(profile->stack_count * sizeof(uint32_t));
    builder.done = memory_alloc(profile->stack_count * sizeof(uint32_t));
    add_entries(&builder, metric);
    key_table_free(builder.children);
    free(builder.node_of_stack);
    free(builder.done);
    free(builder.path);
}

void call_tree_init(struct call_tree *tree, const struct profile *profile,
                    const struct labels *labels, enum metric metric, bool positive)
{
    build(tree, profile, labels, metric, NULL);
    if (positive)
        leave_out_negative(tree);
    add_totals(tree);
}

void call_tree_init_nodes(struct call_tree *tree, const struct profile *profile,
                          const struct labels *labels, uint32_t *of_entry)
{
    build(tree, profile, labels, METRIC_COUNT, of_entry);
}

void call_tree_reverse(struct call_tree *tree, bool rooted)
{
    struct call_tree reversed = {.negative = tree->negative};
    struct builder builder = {.tree = &reversed,
                              .children = key_table_new(sizeof(struct child_key))};
    uint32_t top = CALL_TREE_ROOT; /* in `reversed`, of the root label at work */

    reversed.nodes = memory_grow(NULL, 0, &reversed.capacity, sizeof(*reversed.nodes));
    reversed.nodes[reversed.count++] = (struct call_tree_node){.parent = CALL_TREE_ROOT};
    /* Nodes below one root label come together, behind it: see add_entries(). */
    for (size_t i = 0; i < tree->count; i++) {
        uint32_t node = top;
        if (rooted && tree->nodes[i].depth == 1)
            node = top = child_of(&builder, CALL_TREE_ROOT, tree->nodes[i].label);
        for (size_t at = i; tree->nodes[i].self != 0 && tree->nodes[at].depth > rooted;
             at = tree->nodes[at].parent)
            node = child_of(&builder, node, tree->nodes[at].label);
        reversed.nodes[node].self = sum_signed(reversed.nodes[node].self, tree->nodes[i].self);
    }
    add_totals(&reversed);
    key_table_free(builder.children);
    call_tree_release(tree);
    *tree = reversed;
}

void call_tree_release(struct call_tree *tree)
{
    free(tree->nodes);
}
