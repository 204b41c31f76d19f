/*
 * The files that were looked for while a module was opened, found or not: what its
 * answers rest on. A file that comes, goes or changes at one of these paths may change
 * them. Every file that symbolisation opens by a path it made up goes through here.
 *
 * Not thread-safe. Paths belong to the list.
 */
#ifndef PROFINJECT_SYMBOLS_LOOKED_PATHS_H
#define PROFINJECT_SYMBOLS_LOOKED_PATHS_H

#include "analyzer/symbols/elf_image.h"

#include <stddef.h>

struct looked_paths {
    char **paths; /* in the order they were looked at; some more than once */
    size_t count, capacity;
};

/* All zeros is an empty list too. */
void looked_paths_release(struct looked_paths *looked);

/* Notes `path`, which is copied. */
void looked_paths_add(struct looked_paths *looked, const char *path);

/* Notes `path`, then elf_image_init(). `looked` NULL: nobody wants to know. */
int looked_paths_open(struct looked_paths *looked, struct elf_image *image, const char *path,
                      struct problem *problem);

#endif
