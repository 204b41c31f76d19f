/*
 * What each function spent: self (it was the leaf) and total (it was anywhere on
 * the stack, counted once per stack however often it recurs).
 *
 * Read only once made; owns its memory.
 */
#ifndef PROFINJECT_MODEL_FUNCTIONS_H
#define PROFINJECT_MODEL_FUNCTIONS_H

#include "analyzer/model/labels.h"

struct function {
    uint32_t label;
    int64_t self[METRIC_COUNT];
    int64_t total[METRIC_COUNT];
    struct memory_totals memory; /* of the samples it was the leaf of */
};

struct functions {
    struct labels labels;   /* LABEL_BY_FUNCTION */
    struct function *items; /* one per label, in the labels' order */
    size_t count;
};

void functions_init(struct functions *functions, const struct profile *profile);
void functions_release(struct functions *functions);

#endif
