/*
 * Locations: a place in code with all functions that are inlined there, as formats know it that
 * keep addresses apart from functions. Frames of the profile are one function each.
 *
 * Owns its memory; read only once made. The profile must outlive it.
 */
#ifndef PROFINJECT_MODEL_LOCATIONS_H
#define PROFINJECT_MODEL_LOCATIONS_H

#include "analyzer/model/profile.h"

#define LOCATION_NONE UINT32_MAX

struct location {
    uint32_t frame; /* the innermost function */
    uint32_t outer; /* location of the function it is inlined into, with a smaller number;
                     * LOCATION_NONE: it is not inlined */
    uint32_t depth; /* how many functions it is inlined into */
};

/* Side by side: who walks stacks of which there are millions waits for memory. */
struct located {
    uint32_t location; /* of the stack's leaf; LOCATION_NONE of STACK_NONE */
    uint32_t caller;   /* the stack above all of that location */
};

struct locations {
    struct location *items;
    size_t count, capacity;
    struct located *of_stack; /* by stack */
};

void locations_init(struct locations *locations, const struct profile *profile);
void locations_release(struct locations *locations);

#endif
