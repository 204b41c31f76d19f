/*
 * Callers and callees. Its own file beside functions.c, because these are sums over edges.
 */
#include "analyzer/model/neighbours.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>

/* Values by label, the last one for NEIGHBOUR_NONE; `counted`: the last entry that did, plus one. */
struct edges {
    int64_t *values;
    size_t *counted;
    size_t count;
};

struct walk {
    struct neighbours *neighbours;
    const struct profile *profile;
    const struct labels *labels;
    const bool *is_in;
    struct edges callers, callees;
};

static void edges_init(struct edges *edges, size_t labels)
{
    edges->count = labels + 1;
    edges->values = memory_alloc(edges->count * sizeof(*edges->values));
    edges->counted = memory_alloc(edges->count * sizeof(*edges->counted));
}

static void edges_add(struct edges *edges, uint32_t label, size_t entry, int64_t value)
{
    size_t at = label == NEIGHBOUR_NONE ? edges->count - 1 : label;

    if (edges->counted[at] == entry + 1)
        return;
    edges->counted[at] = entry + 1;
    edges->values[at] = sum_signed(edges->values[at], value);
}

static int compare(const void *a, const void *b)
{
    const struct neighbour *left = a, *right = b;

    if (left->value != right->value)
        return left->value > right->value ? -1 : 1;
    return (left->label > right->label) - (left->label < right->label);
}

void neighbours_sort(struct neighbour *items, size_t count)
{
    qsort(items, count, sizeof(*items), compare);
}

/* The edges in order; releases them. */
static struct neighbour *edges_rank(struct edges *edges, size_t *count)
{
    struct neighbour *order = memory_alloc(edges->count * sizeof(*order));

    *count = 0;
    for (size_t i = 0; i < edges->count; i++)
        if (edges->values[i] > 0)
            order[(*count)++] = (struct neighbour){
                i == edges->count - 1 ? NEIGHBOUR_NONE : (uint32_t)i, edges->values[i]};
    neighbours_sort(order, *count);
    free(edges->values);
    free(edges->counted);
    return order;
}

static void add_entry(struct walk *walk, size_t entry, int64_t value)
{
    struct neighbours *sums = walk->neighbours;
    const struct profile_place *place = &walk->profile->entries.places[entry];
    uint32_t below = NEIGHBOUR_NONE;
    size_t met = 0;

    for (uint32_t stack = place->stack; stack != STACK_NONE;) {
        const struct stack_node *node = &walk->profile->stacks[stack];
        uint32_t label = walk->labels->of_frame[node->frame];
        if (walk->is_in[label]) {
            met++;
            edges_add(&walk->callees, below, entry, value);
            if (below == NEIGHBOUR_NONE)
                sums->self = sum_signed(sums->self, value);
            uint32_t above =
                node->parent == STACK_NONE
                    ? NEIGHBOUR_NONE
                    : walk->labels->of_frame[walk->profile->stacks[node->parent].frame];
            edges_add(&walk->callers, above, entry, value);
        }
        below = label;
        stack = node->parent;
    }
    if (met > 0) {
        sums->total = sum_signed(sums->total, value);
        sums->threads[place->thread] = sum_signed(sums->threads[place->thread], value);
    }
    if (met > 1)
        sums->recursive = sum_signed(sums->recursive, value);
    if (met > sums->deepest)
        sums->deepest = met;
}

/* Parents have smaller numbers. */
static void find_inside(const struct walk *walk)
{
    bool *is_inside = walk->neighbours->is_inside;

    for (size_t i = 1; i < walk->profile->stack_count; i++) {
        const struct stack_node *node = &walk->profile->stacks[i];
        is_inside[i] = is_inside[node->parent] || walk->is_in[walk->labels->of_frame[node->frame]];
    }
}

void neighbours_init(struct neighbours *neighbours, const struct profile *profile,
                     const struct labels *labels, const bool *is_in, enum metric metric)
{
    struct walk walk = {neighbours, profile, labels, is_in, {.count = 0}, {.count = 0}};

    *neighbours =
        (struct neighbours){.threads = memory_alloc((profile->thread_count + 1) * sizeof(int64_t)),
                            .is_inside = memory_alloc(profile->stack_count + 1)};
    edges_init(&walk.callers, labels->count);
    edges_init(&walk.callees, labels->count);
    find_inside(&walk);
    for (size_t i = 0; i < profile->entries.count; i++) {
        int64_t value = entries_value(&profile->entries, i, metric);
        if (value != 0 && neighbours->is_inside[profile->entries.places[i].stack])
            add_entry(&walk, i, value);
    }
    neighbours->callers = edges_rank(&walk.callers, &neighbours->caller_count);
    neighbours->callees = edges_rank(&walk.callees, &neighbours->callee_count);
}

void neighbours_release(struct neighbours *neighbours)
{
    free(neighbours->callers);
    free(neighbours->callees);
    free(neighbours->threads);
    free(neighbours->is_inside);
}
