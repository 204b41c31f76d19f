/*
 * Self and total per function and run. Its own file beside functions.c, which has every metric
 * of one recording where this has one metric of many, and its variance.
 */
#include "analyzer/model/diff_functions.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

static void add(struct diff_cell *cell, double value, double variance)
{
    cell->value += value;
    cell->variance += variance;
}

void diff_functions_init(struct diff_functions *functions, const struct diff *diff)
{
    const struct profile *profile = diff->profile;
    const size_t runs = diff->run_count;

    labels_init(&functions->labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    functions->count = functions->labels.count;
    functions->runs = runs;
    functions->self = memory_alloc((functions->count * runs + 1) * sizeof(struct diff_cell));
    functions->total = memory_alloc((functions->count * runs + 1) * sizeof(struct diff_cell));

    /* The last entry that counted a function, plus one. */
    size_t *counted = memory_alloc((functions->count + 1) * sizeof(*counted));
    for (size_t i = 0; i < profile->entries.count; i++) {
        const struct profile_place *place = &profile->entries.places[i];
        size_t run = diff_run_of(diff, place->thread);
        double value = (double)entries_value(&profile->entries, i, diff->metric);
        double variance = diff->variance[i];
        for (uint32_t stack = place->stack; stack != STACK_NONE && value != 0;) {
            const struct stack_node *node = &profile->stacks[stack];
            uint32_t label = functions->labels.of_frame[node->frame];
            if (stack == place->stack)
                add(&functions->self[label * runs + run], value, variance);
            if (counted[label] != i + 1)
                add(&functions->total[label * runs + run], value, variance);
            counted[label] = i + 1;
            stack = node->parent;
        }
    }
    free(counted);
}

void diff_functions_release(struct diff_functions *functions)
{
    free(functions->self);
    free(functions->total);
    labels_release(&functions->labels);
}
