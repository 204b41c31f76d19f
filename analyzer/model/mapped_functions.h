/*
 * What each function mapped itself: it called mmap, mremap or brk.
 *
 * Read only once made; owns its memory.
 */
#ifndef PROFINJECT_MODEL_MAPPED_FUNCTIONS_H
#define PROFINJECT_MODEL_MAPPED_FUNCTIONS_H

#include "analyzer/model/labels.h"

struct mapped_function {
    uint32_t label; /* number in the labels */
    struct mapped_site sum;
};

/* Those that mapped anything, most there at the end first, then most in all; free(). */
struct mapped_function *mapped_functions_new(const struct profile *profile,
                                             const struct labels *labels, size_t *count);

#endif
