/*
 * Self and total per function and run. Its own file beside functions.c, which has every metric
 * of one recording where this has one metric of many, and its variance.
 */
#include "analyzer/model/diff_functions.h"

#include "analyzer/model/scatter.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

static void add(struct diff_cell *cell, double value, double variance)
{
    cell->value += value;
    cell->variance += variance;
}

/* Self and total of each function in each part of one run. */
struct parts {
    struct scatter_run run;
    double (*self)[SCATTER_PARTS], (*total)[SCATTER_PARTS];
    size_t *counted; /* the last sample that counted a function, plus one */
};

static void divide(struct parts *parts, const struct diff_functions *functions,
                   const struct diff *diff, const struct diff_run *run)
{
    const struct diff_moment *moments = diff->moments + run->first_moment;
    const struct stack_node *stacks = diff->profile->stacks;
    double whole = 0, before = 0;

    for (size_t i = 0; i < run->moment_count; i++)
        whole += moments[i].length;
    for (size_t i = 0; i < run->moment_count && whole > 0; i++) {
        double length = moments[i].length;
        size_t part = (size_t)(SCATTER_PARTS * before / whole);
        part = part < SCATTER_PARTS ? part : SCATTER_PARTS - 1;
        parts->run.length[part] += length;
        parts->run.squares[part] += length * length;
        before += length;
        for (uint32_t at = moments[i].stack; at != STACK_NONE; at = stacks[at].parent) {
            uint32_t label = functions->labels.of_frame[stacks[at].frame];
            if (at == moments[i].stack)
                parts->self[label][part] += length;
            if (parts->counted[label] != i + 1)
                parts->total[label][part] += length;
            parts->counted[label] = i + 1;
        }
    }
}

static void find_scatter(struct diff_functions *functions, const struct diff *diff, size_t run)
{
    struct parts parts = {
        .self = memory_alloc((functions->count + 1) * sizeof(*parts.self)),
        .total = memory_alloc((functions->count + 1) * sizeof(*parts.total)),
        .counted = memory_alloc((functions->count + 1) * sizeof(*parts.counted)),
    };

    divide(&parts, functions, diff, &diff->runs[run]);
    for (size_t i = 0; i < functions->count; i++) {
        size_t cell = i * functions->runs + run;
        functions->self[cell].scatter = scatter_of(&parts.run, parts.self[i]);
        functions->total[cell].scatter = scatter_of(&parts.run, parts.total[i]);
    }
    free(parts.self);
    free(parts.total);
    free(parts.counted);
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
    for (size_t run = 0; run < runs; run++)
        if (diff->runs[run].moment_count > 0)
            find_scatter(functions, diff, run);
}

void diff_functions_release(struct diff_functions *functions)
{
    free(functions->self);
    free(functions->total);
    labels_release(&functions->labels);
}
