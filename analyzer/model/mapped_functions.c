/*
 * Mapped memory per function. Its own file beside heap_functions.c because these sums have
 * no errors.
 */
#include "analyzer/model/mapped_functions.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

static int compare(const void *left, const void *right)
{
    const struct mapped_function *a = left, *b = right;

    if (a->sum.live != b->sum.live)
        return a->sum.live > b->sum.live ? -1 : 1;
    if (a->sum.mapped != b->sum.mapped)
        return a->sum.mapped > b->sum.mapped ? -1 : 1;
    return a->label < b->label ? -1 : a->label > b->label;
}

struct mapped_function *mapped_functions_new(const struct profile *profile,
                                             const struct labels *labels, size_t *count)
{
    struct mapped_function *functions = memory_alloc((labels->count + 1) * sizeof(*functions));
    size_t kept = 0;

    for (size_t i = 0; i < profile->mapped_site_count; i++) {
        const struct profile_mapped_site *site = &profile->mapped_sites[i];
        if (site->stack == STACK_NONE)
            continue;
        struct mapped_site *sum =
            &functions[labels->of_frame[profile->stacks[site->stack].frame]].sum;
        sum->count += site->mapped.count;
        sum->mapped += site->mapped.mapped;
        sum->live += site->mapped.live;
        sum->peak += site->mapped.peak;
    }
    for (size_t i = 0; i < labels->count; i++) {
        functions[i].label = (uint32_t)i;
        if (functions[i].sum.count > 0)
            functions[kept++] = functions[i];
    }
    qsort(functions, kept, sizeof(*functions), compare);
    *count = kept;
    return functions;
}
