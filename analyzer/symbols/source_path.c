/*
 * source_path.h: joining and normalising.
 */
#include "analyzer/symbols/source_path.h"

#include "analyzer/util/memory.h"

#include <stdbool.h>
#include <string.h>

/* Where the last component of path[0..length) starts. */
static size_t last_component(const char *path, size_t length)
{
    while (length > 0 && path[length - 1] != '/')
        length--;
    return length;
}

/* Appends one component to out[0..length) and returns the new length. */
static size_t append_component(char *out, size_t length, const char *part, size_t size)
{
    size_t last = last_component(out, length);
    bool at_root = length == 1 && out[0] == '/';
    bool after_up = length - last == 2 && memcmp(out + last, "..", 2) == 0;

    if (size == 0 || (size == 1 && part[0] == '.'))
        return length;
    if (size == 2 && memcmp(part, "..", 2) == 0 && length > 0 && !after_up) {
        if (at_root)
            return length;
        return last > 1 ? last - 1 : last; /* the '/' goes too, unless it is the root */
    }
    if (length > 0 && !at_root)
        out[length++] = '/';
    memcpy(out + length, part, size);
    return length + size;
}

/* out[0..length) plus every component of `path`. */
static size_t append_path(char *out, size_t length, const char *path)
{
    while (*path != '\0') {
        size_t size = strcspn(path, "/");

        length = append_component(out, length, path, size);
        path += size + (path[size] == '/');
    }
    return length;
}

char *source_path_join(const char *directory, const char *name)
{
    size_t length = 0;
    char *out;

    if (name == NULL)
        name = "";
    if (directory == NULL || name[0] == '/')
        directory = "";
    out = memory_alloc(strlen(directory) + strlen(name) + 3);
    if (directory[0] == '/' || name[0] == '/')
        out[length++] = '/';
    length = append_path(out, length, directory);
    length = append_path(out, length, name);
    out[length] = '\0';
    return out;
}
