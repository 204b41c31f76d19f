/*
 * html_tree.h. Its own file because trees of millions of nodes are put into order here, which the
 * model's (call_tree.h) are not: they are in the order in which stacks were met.
 */
#include "analyzer/reports/html_tree.h"

#include "analyzer/model/call_tree.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>

#define NO_NODE UINT32_MAX

uint32_t *html_tree_preorder(const uint32_t *parent, size_t count)
{
    uint32_t *number = memory_alloc(count * sizeof(*number));
    uint32_t *first = memory_alloc(count * sizeof(*first)); /* child */
    uint32_t *next = memory_alloc(count * sizeof(*next));   /* sibling */
    uint32_t given = 0;

    for (size_t i = 0; i < count; i++)
        first[i] = next[i] = NO_NODE;
    for (uint32_t i = (uint32_t)count; i-- > 1;) {
        next[i] = first[parent[i]];
        first[parent[i]] = i;
    }
    for (uint32_t node = 0; node != NO_NODE;) {
        number[node] = given++;
        uint32_t onward = first[node];
        while (onward == NO_NODE && node != 0) {
            onward = next[node];
            node = parent[node];
        }
        node = onward;
    }
    free(next);
    free(first);
    return number;
}

/* Returns the numbers of the tree's nodes in the document. */
static uint32_t *fill_nodes(struct html_nodes *nodes, const struct call_tree *tree)
{
    size_t count = tree->count;
    uint32_t *parent = memory_alloc(count * sizeof(*parent));

    for (size_t i = 0; i < count; i++)
        parent[i] = tree->nodes[i].parent;
    uint32_t *number = html_tree_preorder(parent, count);
    nodes->count = count;
    nodes->parent = memory_alloc(count * sizeof(*nodes->parent));
    nodes->label = memory_alloc(count * sizeof(*nodes->label));
    for (size_t i = 0; i < count; i++) {
        nodes->parent[number[i]] = number[parent[i]];
        nodes->label[number[i]] = tree->nodes[i].label;
    }
    free(parent);
    return number;
}

struct placed {
    uint32_t node, thread, region, entry;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *left = a, *right = b;

    if (left->node != right->node)
        return left->node < right->node ? -1 : 1;
    if (left->thread != right->thread)
        return left->thread < right->thread ? -1 : 1;
    if (left->region != right->region)
        return left->region < right->region ? -1 : 1;
    return left->entry < right->entry ? -1 : left->entry > right->entry;
}

static bool is_same(const struct placed *one, const struct placed *other)
{
    return one->node == other->node && one->thread == other->thread && one->region == other->region;
}

/* `order` is in the document's order. Returns the document's entry of each of the profile's. */
static uint32_t *fill_entries(struct html_entries *entries, const struct placed *order,
                              size_t count)
{
    uint32_t *entry_of = memory_alloc((count + 1) * sizeof(*entry_of));
    size_t filled = 0;

    entries->node = memory_alloc((count + 1) * sizeof(uint32_t));
    entries->thread = memory_alloc((count + 1) * sizeof(uint32_t));
    entries->region = memory_alloc((count + 1) * sizeof(uint32_t));
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !is_same(&order[i], &order[i - 1])) {
            entries->node[filled] = order[i].node;
            entries->thread[filled] = order[i].thread;
            entries->region[filled++] = order[i].region;
        }
        entry_of[order[i].entry] = (uint32_t)filled - 1;
    }
    entries->count = filled;
    return entry_of;
}

uint32_t *html_tree_fill(struct html_document *document, const struct profile *profile,
                         const struct labels *labels)
{
    const struct entries *entries = &profile->entries;
    uint32_t *node_of = memory_alloc((entries->count + 1) * sizeof(*node_of));
    struct placed *order = memory_alloc((entries->count + 1) * sizeof(*order));
    struct call_tree tree;

    call_tree_init_nodes(&tree, profile, labels, node_of);
    uint32_t *number = fill_nodes(&document->nodes, &tree);
    for (size_t i = 0; i < entries->count; i++)
        order[i] = (struct placed){number[node_of[i]], entries->places[i].thread,
                                   entries->places[i].region, (uint32_t)i};
    qsort(order, entries->count, sizeof(*order), compare_placed);
    uint32_t *entry_of = fill_entries(&document->entries, order, entries->count);
    call_tree_release(&tree);
    free(number);
    free(order);
    free(node_of);
    return entry_of;
}

void html_tree_metric(struct html_document *document, const struct profile *profile,
                      const uint32_t *entry_of, enum metric metric)
{
    int64_t *values = html_document_column(document, metric_info(metric)->name);

    for (size_t i = 0; i < profile->entries.count; i++) {
        int64_t *value = &values[entry_of[i]];
        *value = sum_signed(*value, entries_value(&profile->entries, i, metric));
    }
}
