/*
 * Self and total per function. Its own file because they are counted over
 * stacks: a tree counts a recursive function once per level.
 */
#include "analyzer/model/functions.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>

/* Metrics of which some entry has a value: of most recordings a few, and this is the longest loop of
 * a report. */
struct present {
    enum metric metrics[METRIC_COUNT];
    size_t count;
};

static struct present metrics_present(const struct entries *entries)
{
    struct present present = {.count = 0};

    for (int metric = 0; metric < METRIC_COUNT; metric++)
        if (entries->columns[metric] != NULL)
            present.metrics[present.count++] = (enum metric)metric;
    return present;
}

static void add_values(int64_t *sums, const int64_t *values, const struct present *present)
{
    for (size_t i = 0; i < present->count; i++) {
        enum metric metric = present->metrics[i];
        sums[metric] = sum_signed(sums[metric], values[metric]);
    }
}

static void add_self(struct function *leaf, const struct profile_entry *entry,
                     const struct present *present)
{
    struct memory_totals *memory = &leaf->memory;

    add_values(leaf->self, entry->value, present);
    memory->alloc_count = sum_unsigned(memory->alloc_count, entry->alloc_count);
    memory->alloc_bytes = sum_unsigned(memory->alloc_bytes, entry->alloc_bytes);
    memory->free_count = sum_unsigned(memory->free_count, entry->free_count);
    memory->free_bytes = sum_unsigned(memory->free_bytes, entry->free_bytes);
}

void functions_init(struct functions *functions, const struct profile *profile)
{
    labels_init(&functions->labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    functions->count = functions->labels.count;
    functions->items = memory_alloc(functions->count * sizeof(*functions->items));
    for (size_t i = 0; i < functions->count; i++)
        functions->items[i].label = (uint32_t)i;

    struct present present = metrics_present(&profile->entries);
    /* The last entry that counted a function, plus one. */
    size_t *counted = memory_alloc(functions->count * sizeof(*counted));
    for (size_t i = 0; i < profile->entries.count; i++) {
        const struct profile_entry entry = entries_at(&profile->entries, i);
        for (uint32_t stack = entry.stack; stack != STACK_NONE;) {
            const struct stack_node *node = &profile->stacks[stack];
            struct function *function = &functions->items[functions->labels.of_frame[node->frame]];
            if (stack == entry.stack)
                add_self(function, &entry, &present);
            if (counted[function->label] != i + 1)
                add_values(function->total, entry.value, &present);
            counted[function->label] = i + 1;
            stack = node->parent;
        }
    }
    free(counted);
}

void functions_release(struct functions *functions)
{
    free(functions->items);
    labels_release(&functions->labels);
}
