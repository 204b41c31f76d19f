/*
 * The heap per function. Its own file beside functions.c because only some
 * recordings have it, and its sums carry their errors.
 */
#include "analyzer/model/heap_functions.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

static void add_self(struct heap_function *function, const struct profile *profile,
                     const struct profile_heap_site *site, const struct heap_site *sums)
{
    uint32_t process = profile->threads[site->thread].process;
    struct heap_chain_sums chains;

    heap_site_join(&function->self, sums);
    if (heap_chains_of(profile->processes[process].heap.chains, site->number, &chains))
        heap_chain_sums_join(&function->chains, &chains);
}

struct heap_function *heap_functions_new(const struct profile *profile, const struct labels *labels)
{
    struct heap_function *functions = memory_alloc((labels->count + 1) * sizeof(*functions));
    size_t *counted = memory_alloc((labels->count + 1) * sizeof(*counted)); /* last site + 1 */

    for (size_t i = 0; i < profile->heap_site_count; i++) {
        const struct profile_heap_site *site = &profile->heap_sites[i];
        const struct heap_site sums = profile_heap_sums(profile, site);
        for (uint32_t stack = site->stack; stack != STACK_NONE;) {
            const struct stack_node *node = &profile->stacks[stack];
            uint32_t label = labels->of_frame[node->frame];
            if (stack == site->stack)
                add_self(&functions[label], profile, site, &sums);
            if (counted[label] != i + 1)
                heap_site_join(&functions[label].total, &sums);
            counted[label] = i + 1;
            stack = node->parent;
        }
    }
    free(counted);
    return functions;
}
