/*
 * Families of functions that work for whoever calls them, told by their names. Stateless.
 */
#ifndef PROFINJECT_INSIGHT_FAMILIES_H
#define PROFINJECT_INSIGHT_FAMILIES_H

#include <stdbool.h>

typedef bool family(const char *name);

family family_allocates; /* malloc, operator new, and what they are made of; of other allocators */
family family_moves;     /* memcpy, memset: all they do is to move or clear memory */
family family_copies;    /* those, and what scans memory: strlen, memcmp */

/* A driver of graphics cards, by the path of its module; NULL is none. */
bool family_drives_cards(const char *module);

#endif
