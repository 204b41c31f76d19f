/*
 * looked_paths.h: a growing list.
 */
#include "analyzer/symbols/looked_paths.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void looked_paths_release(struct looked_paths *looked)
{
    for (size_t i = 0; i < looked->count; i++)
        free(looked->paths[i]);
    free(looked->paths);
    memset(looked, 0, sizeof(*looked));
}

void looked_paths_add(struct looked_paths *looked, const char *path)
{
    looked->paths =
        memory_grow(looked->paths, looked->count, &looked->capacity, sizeof(*looked->paths));
    looked->paths[looked->count++] = memory_strdup(path);
}

int looked_paths_open(struct looked_paths *looked, struct elf_image *image, const char *path,
                      struct problem *problem)
{
    if (looked != NULL)
        looked_paths_add(looked, path);
    return elf_image_init(image, path, problem);
}
