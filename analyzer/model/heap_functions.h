/*
 * What each function allocated: itself (it called the allocator) and in total (it was
 * anywhere on the stack, counted once per stack however often it recurs).
 *
 * Read only once made; owns its memory.
 */
#ifndef PROFINJECT_MODEL_HEAP_FUNCTIONS_H
#define PROFINJECT_MODEL_HEAP_FUNCTIONS_H

#include "analyzer/model/labels.h"

struct heap_function {
    struct heap_site self, total;
    struct heap_chain_sums chains; /* what it resized itself */
};

/* One per label of `labels`, in their order; free(). */
struct heap_function *heap_functions_new(const struct profile *profile,
                                         const struct labels *labels);

#endif
